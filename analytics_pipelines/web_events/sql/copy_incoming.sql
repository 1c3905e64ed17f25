-- PostgreSQL. The columns in the order in which import_log.py writes them.
COPY incoming (
    site_id, event_id, event_type, visitor_id, event_at, received_at, url, referrer, client_address, user_agent,
    payload, source, flags
) FROM STDIN
