-- PostgreSQL. Notes the days and sites of the events between two numbers of the log. The time an event happened is
-- computed as in happened.sql, within PostgreSQL's calendar; one that came too late touches no day but its receipt's.
-- Rows go in in order, so that two who touch never deadlock.
WITH happened AS (
    SELECT
        site_id,
        source,
        received_at,
        LEAST(
            received_at,
            CASE
                WHEN sent_at IS NULL THEN event_at
                ELSE received_at - LEAST(sent_at - event_at, INTERVAL '1000 days')
            END
        ) AS happened_at
    FROM web_events.event_log
    WHERE log_number > CAST(:after AS bigint)
      AND log_number <= CAST(:upto AS bigint)
),
days AS MATERIALIZED (
    SELECT DISTINCT
        site_id,
        CAST(received_at AT TIME ZONE 'UTC' AS date) AS received_date,
        CASE
            WHEN source = 'log'
              OR CAST(happened_at AT TIME ZONE 'UTC' AS date)
                 >= CAST(received_at AT TIME ZONE 'UTC' AS date) - CAST(:late_event_days AS integer)
            THEN CAST(happened_at AT TIME ZONE 'UTC' AS date)
        END AS event_date
    FROM happened
),
site_days AS (
    INSERT INTO web_events.site_day (site_id, event_date)
    SELECT DISTINCT site_id, event_date
    FROM days
    WHERE event_date IS NOT NULL
    ORDER BY site_id, event_date
    ON CONFLICT DO NOTHING
)
INSERT INTO web_events.touched_day (touched_date, kind, touched_at)
SELECT touched_date, kind, CAST(:at AS timestamptz)
FROM (
    SELECT received_date AS touched_date, 'received' AS kind
    FROM days
    UNION
    SELECT event_date, 'event'
    FROM days
    WHERE event_date IS NOT NULL
) AS found
ORDER BY touched_date, kind
ON CONFLICT (touched_date, kind) DO UPDATE
SET touch_number = nextval('web_events.touched_day_number'), touched_at = excluded.touched_at
RETURNING touched_date, kind
