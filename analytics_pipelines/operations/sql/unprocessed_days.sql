-- PostgreSQL. Days of events of one type that the fence has not reached, or that were received on a touched day. When
-- an event happened is computed as the export does.
WITH waiting AS (
    SELECT
        received_at,
        LEAST(
            received_at,
            CASE
                WHEN sent_at IS NULL THEN event_at
                ELSE received_at - LEAST(sent_at - event_at, INTERVAL '1000 days')
            END
        ) AS happened_at
    FROM web_events.event_log
    WHERE event_type = :event_type
      AND log_number > :log_number
    UNION ALL
    SELECT
        received_at,
        LEAST(
            received_at,
            CASE
                WHEN sent_at IS NULL THEN event_at
                ELSE received_at - LEAST(sent_at - event_at, INTERVAL '1000 days')
            END
        )
    FROM web_events.event_log
    WHERE event_type = :event_type
      AND received_at >= CAST(CAST(:first AS date) AS timestamp) AT TIME ZONE 'UTC'
      AND received_at < CAST(CAST(:last AS date) + 1 AS timestamp) AT TIME ZONE 'UTC'
      AND CAST(received_at AT TIME ZONE 'UTC' AS date) = ANY(CAST(:touched_dates AS date[]))
)
SELECT DISTINCT
    CAST(received_at AT TIME ZONE 'UTC' AS date) AS received_date,
    CAST(happened_at AT TIME ZONE 'UTC' AS date) AS event_date
FROM waiting
