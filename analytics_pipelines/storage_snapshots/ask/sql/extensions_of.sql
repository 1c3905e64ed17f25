SELECT extension, file_count, size_bytes, allocated_bytes, own_file_count, own_size_bytes, own_allocated_bytes
FROM {types} AS types
WHERE pre = {pre} AND {of_share}
