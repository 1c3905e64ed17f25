SELECT share, {columns}
FROM ({folders}) AS folders
WHERE path_key = $key AND path = $path
ORDER BY share
