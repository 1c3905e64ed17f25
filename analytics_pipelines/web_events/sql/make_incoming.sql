-- PostgreSQL. Where COPY puts a batch, since COPY itself knows no ON CONFLICT.
CREATE TEMPORARY TABLE incoming (
    LIKE web_events.event_log
) ON COMMIT DROP
