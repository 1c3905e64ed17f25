-- Of files that are known to be equal, one of each name stands for all.
SELECT size_bytes, name, prefix_hash, content_hash, coalesce(allocated_bytes, size_bytes) AS allocated
FROM ({files}) AS files WHERE content_hash IS NULL
UNION ALL
SELECT size_bytes, name, min(prefix_hash) AS prefix_hash, content_hash,
    min(coalesce(allocated_bytes, size_bytes)) AS allocated
FROM ({files}) AS files WHERE content_hash IS NOT NULL GROUP BY size_bytes, name, content_hash
