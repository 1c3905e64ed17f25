SELECT share, min(snapshot_date) AS snapshot_date, count(*) AS entry_count, max(pre) + 1 AS position_count
FROM entries
GROUP BY share
ORDER BY share
