-- PostgreSQL. The mark of one spool, for the one process that drains it; nothing while another holds it.
SELECT drained_number
FROM web_events.spool_mark
WHERE spool_id = %(spool_id)s
FOR UPDATE SKIP LOCKED
