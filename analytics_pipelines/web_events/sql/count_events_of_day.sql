-- PostgreSQL. As many rows as export_events.sql gives, counted by the source itself.
SELECT count(*) AS row_count
FROM web_events.event_log
WHERE received_at >= CAST(CAST($1 AS date) AS timestamp) AT TIME ZONE 'UTC'
  AND received_at < CAST(CAST($1 AS date) + 1 AS timestamp) AT TIME ZONE 'UTC'
