SELECT share, path, file_count, dir_count, size_bytes, allocated_bytes
FROM core_fs__directories
WHERE snapshot_date = $day
ORDER BY allocated_bytes DESC, share, path
LIMIT $limit
