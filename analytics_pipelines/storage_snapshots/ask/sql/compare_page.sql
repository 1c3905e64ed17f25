SELECT share, path, kind, type, size_bytes, before_size_bytes, allocated_bytes, before_allocated_bytes, file_count,
    before_file_count, dir_count, before_dir_count, modified_at AT TIME ZONE 'UTC' AS modified_at,
    before_modified_at AT TIME ZONE 'UTC' AS before_modified_at, moved_from, weight
FROM ({differences}) AS differences
WHERE {kept} AND weight >= $min_size AND ({after})
