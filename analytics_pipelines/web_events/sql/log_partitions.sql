-- PostgreSQL. The days of receipt that have a partition in the log, in order.
SELECT to_date(right(partition.relname, 8), 'YYYYMMDD') AS received_date
FROM pg_inherits AS child
JOIN pg_class AS partition ON partition.oid = child.inhrelid
WHERE child.inhparent = to_regclass('web_events.event_log')
  AND partition.relname ~ '^event_log_[0-9]{8}$'
ORDER BY received_date
