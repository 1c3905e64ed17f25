-- PostgreSQL. The events of these visitors and their keys; when an event happened is computed as the export does.
WITH erased AS (
    DELETE FROM web_events.event_log
    WHERE site_id = :site_id
      AND (visitor_id = ANY(:visitor_ids) OR visitor_id_before = ANY(:visitor_ids))
    RETURNING
        event_id,
        source,
        received_at,
        LEAST(
            received_at,
            CASE
                WHEN sent_at IS NULL THEN event_at
                ELSE received_at - LEAST(sent_at - event_at, INTERVAL '1000 days')
            END
        ) AS happened_at
),
keys AS (
    DELETE FROM web_events.event_key AS known
    USING erased
    WHERE known.site_id = :site_id
      AND known.event_id = erased.event_id
)
SELECT
    event_id,
    source,
    CAST(received_at AT TIME ZONE 'UTC' AS date) AS received_date,
    CAST(happened_at AT TIME ZONE 'UTC' AS date) AS event_date
FROM erased
