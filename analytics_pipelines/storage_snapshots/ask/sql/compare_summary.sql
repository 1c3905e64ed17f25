SELECT kind, count(*) FILTER (WHERE NOT is_folder) AS file_count, count(*) FILTER (WHERE is_folder) AS dir_count,
    CAST(sum(size_bytes) AS BIGINT) AS size_bytes, CAST(sum(before_size_bytes) AS BIGINT) AS before_size_bytes,
    CAST(sum(allocated_bytes) AS BIGINT) AS allocated_bytes,
    CAST(sum(before_allocated_bytes) AS BIGINT) AS before_allocated_bytes
FROM kinds
GROUP BY kind
ORDER BY kind
