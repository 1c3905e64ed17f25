SELECT
    {columns},
    coalesce(entries.parent_pre, -1) AS parent_pre,
    directories.size_bytes AS total_size_bytes,
    directories.allocated_bytes AS total_allocated_bytes,
    directories.file_count AS total_file_count,
    directories.dir_count AS total_dir_count
FROM ({entries}) AS entries
LEFT JOIN ({directories}) AS directories ON directories.share = entries.share AND directories.pre = entries.pre
