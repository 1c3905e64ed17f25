SELECT share, snapshot_date, allocated_bytes
FROM ({growth}) AS growth
WHERE snapshot_date BETWEEN $first AND $last
ORDER BY share, snapshot_date
