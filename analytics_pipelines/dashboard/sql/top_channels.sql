-- Visits of the last days with traffic by channel.
SELECT value AS name, CAST(SUM(visits) AS BIGINT) AS count
FROM out_web__daily_breakdown
WHERE dimension = 'channel'
  AND metric_date > (SELECT MAX(metric_date) FROM out_web__daily_breakdown) - $days * INTERVAL '1' DAY
GROUP BY value
HAVING SUM(visits) > 0
ORDER BY count DESC, name
LIMIT $rows
