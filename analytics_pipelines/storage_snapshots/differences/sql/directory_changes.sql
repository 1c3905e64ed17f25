WITH earlier AS (
    SELECT directories.share, path, name, parent_path, depth, file_count, dir_count, size_bytes, allocated_bytes,
        hidden.pre IS NOT NULL AS is_hidden
    FROM previous_directories AS directories
    LEFT JOIN hidden ON hidden.share = directories.share AND hidden.pre = directories.parent_pre
    UNION ALL
    SELECT share, path, name, parent_path, depth, file_count, dir_count, size_bytes, allocated_bytes, is_hidden
    FROM known
),
came AS (SELECT share, path, moved_from FROM entry_changes WHERE moved_from IS NOT NULL AND type = 'd'),
gone AS (SELECT share, path, moved_to FROM entry_changes WHERE moved_to IS NOT NULL AND before_type = 'd')
SELECT pairs.share, {day} AS snapshot_date, pairs.previous_date,
    CASE WHEN pairs.previous_date IS NULL THEN 'first' WHEN after.path IS NULL THEN 'removed'
        WHEN earlier.path IS NULL THEN 'added' ELSE 'changed' END AS change,
    coalesce(after.path, earlier.path) AS path, coalesce(after.name, earlier.name) AS name,
    coalesce(after.parent_path, earlier.parent_path) AS parent_path, coalesce(after.depth, earlier.depth) AS depth,
    CASE WHEN earlier.path IS NULL THEN came.moved_from END AS moved_from,
    CASE WHEN after.path IS NULL THEN gone.moved_to END AS moved_to,
    after.file_count, earlier.file_count AS before_file_count,
    after.dir_count, earlier.dir_count AS before_dir_count,
    after.size_bytes, earlier.size_bytes AS before_size_bytes,
    after.allocated_bytes, earlier.allocated_bytes AS before_allocated_bytes
FROM after_directories AS after
FULL JOIN earlier ON earlier.share = after.share AND earlier.path = after.path
JOIN pairs ON pairs.share = coalesce(after.share, earlier.share)
LEFT JOIN came ON came.share = after.share AND came.path = after.path
LEFT JOIN gone ON gone.share = earlier.share AND gone.path = earlier.path
WHERE (after.path IS NOT NULL OR NOT earlier.is_hidden)
    AND (
        after.path IS NULL OR earlier.path IS NULL OR after.file_count <> earlier.file_count
        OR after.dir_count <> earlier.dir_count OR after.size_bytes <> earlier.size_bytes
        OR after.allocated_bytes <> earlier.allocated_bytes
    )
