-- What questions need of one site's core events.
SELECT
    site_id,
    event_date,
    event_at,
    event_at AT TIME ZONE {timezone} AS local_at,
    visitor_id,
    visitor_id_before,
    event_type,
    CASE WHEN LIST_CONTAINS({goals}, event_type) THEN event_type END AS goal,
    path,
    host,
    is_pageview,
    is_bot
FROM ({events}) AS core_events
WHERE site_id = {site}
