SELECT share, path, file_count, dir_count, size_bytes, allocated_bytes
FROM ({folders}) AS folders
ORDER BY allocated_bytes DESC, share, path
LIMIT $limit
