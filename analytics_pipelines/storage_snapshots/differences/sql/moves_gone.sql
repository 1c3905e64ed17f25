SELECT share, path, name, parent_path, before_type AS type, before_size_bytes AS size_bytes,
    before_modified_at AS modified_at, before_born_at AS born_at, before_device AS device, before_inode AS inode,
    before_content_hash AS content_hash
FROM found WHERE NOT is_there
