SELECT
    snapshot_date AS day,
    CAST(sum(allocated_bytes) AS BIGINT) AS value
FROM out_fs__growth
GROUP BY snapshot_date
ORDER BY snapshot_date DESC
LIMIT $days
