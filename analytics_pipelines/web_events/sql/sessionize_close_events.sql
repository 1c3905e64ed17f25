-- All other events of $day, and those of the day after that may end its visits. `joins_from_at` is the earliest time of
-- the event before that the event still joins.
SELECT
    visitors.visitor_number,
    events.site_id,
    events.event_id,
    events.event_at,
    events.received_at,
    events.event_at - visitors.gap_limit AS joins_from_at,
    CASE WHEN events.is_pageview THEN COALESCE(events.path, '') END AS page,
    CASE WHEN events.is_interactive THEN 1 ELSE 0 END AS is_interactive,
    CASE WHEN events.is_bot THEN 1 ELSE 0 END AS is_bot,
    CASE WHEN conversions.event_type IS NULL THEN 0 ELSE 1 END AS is_conversion
FROM events_of_day AS events
JOIN visitors
    ON visitors.site_id = events.site_id
   AND visitors.visitor_id = events.visitor_id
LEFT JOIN conversions
    ON conversions.event_date = events.event_date
   AND conversions.site_id = events.site_id
   AND conversions.event_type = events.event_type
WHERE NOT ({is_alone})
UNION ALL
SELECT
    followers.visitor_number,
    events.site_id,
    events.event_id,
    events.event_at,
    events.received_at,
    events.event_at - followers.limit_after AS joins_from_at,
    CASE WHEN events.is_pageview THEN COALESCE(events.path, '') END AS page,
    CASE WHEN events.is_interactive THEN 1 ELSE 0 END AS is_interactive,
    CASE WHEN events.is_bot THEN 1 ELSE 0 END AS is_bot,
    CASE WHEN conversions.event_type IS NULL THEN 0 ELSE 1 END AS is_conversion
FROM events_after AS events
JOIN followers
    ON followers.site_id = events.site_id
   AND followers.visitor_id = events.visitor_id
LEFT JOIN conversions
    ON conversions.event_date = events.event_date
   AND conversions.site_id = events.site_id
   AND conversions.event_type = events.event_type
