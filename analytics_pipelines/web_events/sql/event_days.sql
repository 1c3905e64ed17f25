-- PostgreSQL.
SELECT CAST(received_at AT TIME ZONE 'UTC' AS date) AS received_date, count(*) AS events
FROM web_events.event_log
WHERE (CAST(:first AS date) IS NULL OR received_at >= CAST(CAST(:first AS date) AS timestamp) AT TIME ZONE 'UTC')
  AND (CAST(:last AS date) IS NULL OR received_at < CAST(CAST(:last AS date) + 1 AS timestamp) AT TIME ZONE 'UTC')
GROUP BY 1
ORDER BY 1
