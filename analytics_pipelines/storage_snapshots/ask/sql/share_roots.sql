SELECT share, path, pre, last_pre, parent_pre, depth
FROM ({folders}) AS folders
WHERE pre = 0
ORDER BY share
