-- The events of the span.
SELECT
    site_id,
    event_date,
    CAST(local_at AS DATE) AS local_date,
    event_at,
    local_at,
    visitor_id,
    event_type,
    goal,
    path,
    host,
    is_pageview
FROM core_web__events
WHERE ({has_bots} OR NOT is_bot)
  AND {within}
