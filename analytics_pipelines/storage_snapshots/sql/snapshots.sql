SELECT
    snapshot_date,
    list(share ORDER BY share) AS shares,
    sum(file_count) AS file_count,
    sum(dir_count) AS dir_count,
    sum(size_bytes) AS size_bytes,
    sum(allocated_bytes) AS allocated_bytes,
    sum(error_count) AS error_count
FROM out_fs__growth
GROUP BY snapshot_date
ORDER BY snapshot_date DESC
