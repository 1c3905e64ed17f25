-- Events that happened on each site's local $day, without those of robots.
SELECT
    events.site_id,
    events.event_date,
    CAST($day AS DATE) AS local_date,
    events.event_at,
    events.visitor_id,
    events.event_type,
    events.path,
    events.is_pageview
FROM core_web__events AS events
JOIN local_day ON local_day.site_id = events.site_id
WHERE events.event_at >= local_day.begins_at
  AND events.event_at < local_day.ends_at
  AND NOT events.is_bot
