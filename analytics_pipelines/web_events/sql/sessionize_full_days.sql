-- What the two-day rule asks. Of visitors that may go on after a midnight: whether they do, from the day before $day to
-- $day, and of both days whether they are unbroken: begun within the limit after midnight, and with no gap over it.
WITH asked AS (
    SELECT
        visitors.visitor_number,
        CAST(CAST($day AS DATE) - INTERVAL '1' DAY AS DATE) AS event_date,
        events.event_id,
        events.event_at,
        events.received_at,
        visitors.limit_before AS gap_limit,
        visitors.first_at - visitors.gap_limit AS joins_from_at
    FROM events_before AS events
    JOIN names_before AS names
        ON names.site_id = events.site_id
       AND names.name_before = events.visitor_id
    JOIN visitors
        ON visitors.site_id = names.site_id
       AND visitors.visitor_id = names.visitor_id
    WHERE names.event_date = $day
    UNION ALL
    SELECT
        visitors.visitor_number,
        CAST($day AS DATE) AS event_date,
        events.event_id,
        events.event_at,
        events.received_at,
        visitors.gap_limit,
        visitors.last_at AS joins_from_at
    FROM events_of_day AS events
    JOIN visitors
        ON visitors.site_id = events.site_id
       AND visitors.visitor_id = events.visitor_id
    WHERE visitors.first_at <= visitors.joins_until_at
      AND visitors.last_at >= visitors.joined_from_at
      AND visitors.joins_until_at + visitors.events * visitors.gap_limit > visitors.joined_from_at
),
spaced AS (
    SELECT
        visitor_number,
        event_date,
        event_at,
        gap_limit,
        joins_from_at,
        COALESCE(
            LAG(event_at) OVER (
                PARTITION BY visitor_number, event_date
                ORDER BY event_at, received_at, event_id
            ),
            CAST(event_date AS TIMESTAMP) AT TIME ZONE 'UTC'
        ) AS previous_at
    FROM asked
)
SELECT
    visitor_number,
    event_date,
    MAX(CASE WHEN event_at > previous_at + gap_limit THEN 1 ELSE 0 END) = 0 AS is_unbroken
FROM spaced
GROUP BY visitor_number, event_date
HAVING MAX(event_at) >= MIN(joins_from_at)
