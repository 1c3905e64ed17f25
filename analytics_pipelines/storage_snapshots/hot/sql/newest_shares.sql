SELECT share, max(snapshot_date) AS day
FROM ({snapshots}) AS snapshots
GROUP BY share
ORDER BY share
