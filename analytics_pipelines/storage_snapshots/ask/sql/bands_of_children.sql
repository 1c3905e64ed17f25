SELECT path, {columns}
FROM ({folders}) AS folders
WHERE share = $share AND {position} = $pre
ORDER BY pre
