-- PostgreSQL. Stored events as a whole, and by type, by site and by day of receipt, in one pass over the log. Types and
-- sites can be as many as clients invent: the most frequent ones are told.
WITH wanted AS (
    SELECT event_type, site_id, CAST(received_at AT TIME ZONE 'UTC' AS date) AS received_date
    FROM web_events.event_log
    WHERE (CAST(:first AS date) IS NULL OR received_at >= CAST(CAST(:first AS date) AS timestamp) AT TIME ZONE 'UTC')
      AND (CAST(:last AS date) IS NULL OR received_at < CAST(CAST(:last AS date) + 1 AS timestamp) AT TIME ZONE 'UTC')
      AND (CAST(:site AS text) IS NULL OR site_id = CAST(:site AS text))
),
counted AS (
    SELECT event_type, site_id, received_date, count(*) AS events
    FROM wanted
    GROUP BY GROUPING SETS ((), (event_type), (site_id), (received_date))
),
ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY event_type IS NULL, site_id IS NULL, received_date IS NULL
            ORDER BY events DESC, event_type, site_id
        ) AS place
    FROM counted
)
SELECT event_type, site_id, received_date, events
FROM ranked
WHERE received_date IS NOT NULL OR place <= CAST(:most AS integer)
ORDER BY events DESC, event_type, site_id, received_date
