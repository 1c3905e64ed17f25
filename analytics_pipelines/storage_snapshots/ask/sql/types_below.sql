SELECT share, extension AS value, file_count, size_bytes, allocated_bytes
FROM ({types}) AS types
WHERE share = $share AND pre = $pre AND file_count > 0
