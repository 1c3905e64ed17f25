SELECT share, snapshot_date, kind, file_count, dir_count, size_bytes, before_size_bytes, allocated_bytes,
    before_allocated_bytes
FROM {compared} AS compared
ORDER BY share, kind
