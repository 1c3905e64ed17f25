SELECT share, root_path, file_count, allocated_bytes, file_count_change, allocated_change_bytes
FROM out_fs__growth
WHERE snapshot_date = $day
ORDER BY share
