SELECT
    metric_date AS day,
    CAST(sum(visits) AS BIGINT) AS value
FROM out_web__daily_metrics
GROUP BY metric_date
ORDER BY metric_date DESC
LIMIT $days
