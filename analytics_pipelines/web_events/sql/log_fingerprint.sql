-- PostgreSQL.
SELECT count(*) AS events, coalesce(sum(log_number), 0) AS numbers
FROM web_events.event_log
WHERE received_at >= CAST(CAST(:day AS date) AS timestamp) AT TIME ZONE 'UTC'
  AND received_at < CAST(CAST(:day AS date) + 1 AS timestamp) AT TIME ZONE 'UTC'
