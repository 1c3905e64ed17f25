SELECT share, value, file_count, size_bytes, allocated_bytes
FROM ({distribution}) AS distribution
WHERE dimension = $dimension
