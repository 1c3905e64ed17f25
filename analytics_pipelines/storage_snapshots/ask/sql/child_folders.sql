SELECT {columns}
FROM ({folders}) AS folders
WHERE share = $share AND parent_pre = $pre
ORDER BY pre
