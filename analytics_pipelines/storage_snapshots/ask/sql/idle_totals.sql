SELECT
    count(*) AS file_count,
    count(CASE WHEN {idle} THEN 1 END) AS idle_count,
    coalesce(sum(CASE WHEN {idle} THEN greatest(coalesce(size_bytes, 0), 0) END), 0) AS idle_size,
    coalesce(sum(CASE WHEN {idle} THEN greatest(coalesce(allocated_bytes, 0), 0) END), 0) AS idle_allocated,
    coalesce(sum(greatest(coalesce(allocated_bytes, 0), 0)), 0) AS allocated,
    count(CASE WHEN {last_used} IS NULL THEN 1 END) AS unknown_count,
    coalesce(sum(CASE WHEN {last_used} IS NULL THEN greatest(coalesce(allocated_bytes, 0), 0) END), 0) AS unknown_allocated
FROM ({files}) AS files
