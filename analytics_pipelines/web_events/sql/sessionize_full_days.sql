-- What the two-day rule asks. Of visitors that may go on after a midnight: whether they do, from the day before $day to
-- $day, and of both days whether they are unbroken: begun within the limit after midnight, and with no gap over it.
WITH asked AS (
    SELECT
        visitors.visitor_number,
        CAST(CAST($day AS DATE) - INTERVAL '1' DAY AS DATE) AS event_date,
        names.site_id,
        names.name_before AS visitor_id,
        visitors.limit_before AS gap_limit,
        visitors.first_at - visitors.gap_limit AS joins_from_at
    FROM names_before AS names
    JOIN visitors
        ON visitors.site_id = names.site_id
       AND visitors.visitor_id = names.visitor_id
    WHERE names.event_date = $day
    UNION ALL
    SELECT visitor_number, CAST($day AS DATE) AS event_date, site_id, visitor_id, gap_limit, last_at AS joins_from_at
    FROM visitors
    WHERE first_at <= joins_until_at
      AND last_at >= joined_from_at
      AND joins_until_at + events * gap_limit > joined_from_at
),
spaced AS (
    SELECT
        asked.visitor_number,
        asked.event_date,
        asked.gap_limit,
        asked.joins_from_at,
        events.event_at,
        LAG(events.event_at) OVER (
            PARTITION BY asked.visitor_number, asked.event_date
            ORDER BY events.event_at, events.received_at, events.event_id
        ) AS previous_at
    FROM (
        SELECT event_date, site_id, visitor_id, event_id, event_at, received_at FROM events_before
        UNION ALL
        SELECT event_date, site_id, visitor_id, event_id, event_at, received_at FROM events_of_day
    ) AS events
    JOIN asked
        ON asked.event_date = events.event_date
       AND asked.site_id = events.site_id
       AND asked.visitor_id = events.visitor_id
)
SELECT
    visitor_number,
    event_date,
    MAX(
        CASE
            WHEN event_at > COALESCE(previous_at, CAST(event_date AS TIMESTAMP) AT TIME ZONE 'UTC') + gap_limit THEN 1
            ELSE 0
        END
    ) = 0 AS is_unbroken
FROM spaced
GROUP BY visitor_number, event_date
HAVING MAX(event_at) >= MIN(joins_from_at)
