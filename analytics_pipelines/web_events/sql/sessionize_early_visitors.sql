-- Visitors whose first event of $day, or of the day after, came so soon after midnight that it may join the day before.
SELECT
    CAST($day AS DATE) AS event_date,
    site_id,
    visitor_id,
    first_at
FROM visitors
WHERE first_at <= joins_until_at
UNION ALL
SELECT
    CAST(CAST($day AS DATE) + INTERVAL '1' DAY AS DATE) AS event_date,
    site_id,
    visitor_id,
    MIN(event_at) AS first_at
FROM events_after
WHERE event_at <= (SELECT MAX(joins_until_at + INTERVAL '1' DAY - gap_limit + limit_after) FROM visitors)
GROUP BY site_id, visitor_id
