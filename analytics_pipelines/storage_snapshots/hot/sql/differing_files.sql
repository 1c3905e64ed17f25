-- A folder that came, went or moved is told with all that is in it: `folders` has its sums.
SELECT kinds.share, kinds.path, kinds.name, kinds.parent_path, kinds.depth, kinds.is_folder, kinds.kind,
    kinds.moved_from, kinds.type, kinds.modified_at, kinds.before_modified_at,
    coalesce(folders.size_bytes, kinds.size_bytes) AS size_bytes,
    coalesce(folders.before_size_bytes, kinds.before_size_bytes) AS before_size_bytes,
    coalesce(folders.allocated_bytes, kinds.allocated_bytes) AS allocated_bytes,
    coalesce(folders.before_allocated_bytes, kinds.before_allocated_bytes) AS before_allocated_bytes,
    folders.file_count, folders.before_file_count, folders.dir_count, folders.before_dir_count
FROM kinds
LEFT JOIN folders ON folders.share = kinds.share AND folders.path = CASE WHEN kinds.is_folder THEN kinds.path END
WHERE NOT kinds.is_folder OR kinds.kind IN ('added', 'removed', 'moved')
