-- PostgreSQL. Made by the owner's right; one that exists is left as it is.
SELECT web_events.create_partition(%(day)s)
