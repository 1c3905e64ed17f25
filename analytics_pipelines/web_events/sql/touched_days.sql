-- PostgreSQL. The time an event happened is computed as in core_events.sql, within PostgreSQL's calendar. Events that
-- came too late change no day but their receipt's.
WITH happened AS (
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
),
days AS (
    SELECT
        CAST(received_at AT TIME ZONE 'UTC' AS date) AS received_date,
        CAST(happened_at AT TIME ZONE 'UTC' AS date) AS event_date
    FROM happened
)
SELECT received_date AS touched_date
FROM days
UNION
SELECT event_date
FROM days
WHERE event_date >= received_date - CAST(:latest_days AS integer)
ORDER BY touched_date
