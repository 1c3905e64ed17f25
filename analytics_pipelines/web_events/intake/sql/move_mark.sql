-- PostgreSQL. In the transaction of the events that it stands for.
UPDATE web_events.spool_mark
SET drained_number = %(number)s, drained_at = now()
WHERE spool_id = %(spool_id)s
