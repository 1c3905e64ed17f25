-- Page views of the last days with traffic by page.
SELECT value AS name, CAST(SUM(pageviews) AS BIGINT) AS count
FROM out_web__daily_breakdown
WHERE dimension = 'page'
  AND metric_date > (SELECT MAX(metric_date) FROM out_web__daily_breakdown) - $days * INTERVAL '1' DAY
GROUP BY value
HAVING SUM(pageviews) > 0
ORDER BY count DESC, name
LIMIT $rows
