SELECT share, path, valid_from, valid_to, file_count, dir_count, size_bytes, allocated_bytes
FROM {history} AS versions
WHERE path_key IN (SELECT unnest($keys))
ORDER BY share, path, valid_from
