SELECT
    {place} AS place,
    pre, name, type, size_bytes, allocated_bytes,
    total_size_bytes, total_allocated_bytes, total_file_count, total_dir_count,
    modified_at, accessed_at, changed_at,
    owner_name, group_name, uid, gid, mode, inode, link_count, link_target, extension, error
FROM {children} AS children
WHERE parent_pre = {parent_pre} AND {of_share}
