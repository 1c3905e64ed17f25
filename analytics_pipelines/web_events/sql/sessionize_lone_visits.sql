-- Visits of one event that is surely alone: most of them need no order and are made as they are read.
SELECT
    events.site_id,
    events.visitor_id,
    events.visitor_id_before,
    events.event_id,
    events.session_id AS client_session_id,
    events.event_at AS started_at,
    events.event_at AS ended_at,
    CAST(0 AS BIGINT) AS duration_s,
    CASE WHEN events.is_pageview THEN 1 ELSE 0 END AS pageviews,
    CAST(1 AS BIGINT) AS events,
    CASE WHEN conversions.event_type IS NULL THEN 0 ELSE 1 END AS conversions,
    CASE WHEN events.is_interactive THEN 1 ELSE 0 END AS interactive_events,
    CASE WHEN events.is_pageview THEN events.path END AS entry_page,
    CASE WHEN events.is_pageview THEN events.path END AS exit_page,
    events.source,
    events.medium,
    events.campaign,
    events.channel,
    events.referrer_host,
    events.country,
    events.device,
    events.browser,
    events.os,
    events.is_bot,
    FALSE AS is_cut
FROM events_of_day AS events
JOIN visitors
    ON visitors.site_id = events.site_id
   AND visitors.visitor_id = events.visitor_id
LEFT JOIN conversions
    ON conversions.event_date = events.event_date
   AND conversions.site_id = events.site_id
   AND conversions.event_type = events.event_type
WHERE {is_alone}
