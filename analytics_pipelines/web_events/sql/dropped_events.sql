-- PostgreSQL. How many events of the UTC day of receipt $1 live in the lake alone.
SELECT coalesce(sum(events), 0) AS row_count
FROM web_events.dropped_day
WHERE received_date = CAST($1 AS date)
