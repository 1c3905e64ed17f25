SELECT file_count, size_bytes, allocated_bytes
FROM ({folders}) AS folders
WHERE share = $share AND pre = $pre
