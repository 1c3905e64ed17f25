-- PostgreSQL. Keys go in sorted, so that two writers wait for each other and never deadlock; only new ones become
-- events. Gives how many those are by UTC day of receipt.
WITH fresh AS (
    INSERT INTO web_events.event_key (site_id, event_id, received_at)
    SELECT site_id, event_id, received_at
    FROM incoming
    ORDER BY site_id, event_id
    ON CONFLICT DO NOTHING
    RETURNING site_id, event_id, received_at
),
logged AS (
    INSERT INTO web_events.event_log (
        site_id, event_id, event_type, visitor_id, event_at, received_at, url, referrer, client_address, user_agent,
        payload, source, flags
    )
    SELECT
        site_id, event_id, event_type, visitor_id, event_at, incoming.received_at, url, referrer, client_address,
        user_agent, payload, source, flags
    FROM incoming
    JOIN fresh USING (site_id, event_id)
)
SELECT CAST(received_at AT TIME ZONE 'UTC' AS date) AS received_date, count(*) AS events
FROM fresh
GROUP BY 1
