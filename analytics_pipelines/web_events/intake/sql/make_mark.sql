-- PostgreSQL. A spool that was never drained.
INSERT INTO web_events.spool_mark (spool_id, drained_number, drained_at)
VALUES (%(spool_id)s, 0, now())
ON CONFLICT DO NOTHING
