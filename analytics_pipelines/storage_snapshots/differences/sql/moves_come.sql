SELECT share, path, name, parent_path, type, size_bytes, modified_at, born_at, device, inode, content_hash
FROM found WHERE NOT was_there
