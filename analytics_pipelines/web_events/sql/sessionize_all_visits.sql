-- All visits of $day, each with what its first event tells.
SELECT * FROM lone_visits
UNION ALL
SELECT
    events.site_id,
    events.visitor_id,
    events.visitor_id_before,
    events.event_id,
    events.session_id AS client_session_id,
    events.event_at AS started_at,
    visits.ended_at,
    DATE_DIFF('microsecond', events.event_at, visits.ended_at) // 1000000 AS duration_s,
    visits.pageviews,
    visits.events,
    visits.conversions,
    visits.interactive_events,
    CASE WHEN visits.pageviews > 0 THEN NULLIF(visits.entry_page, '') END AS entry_page,
    CASE WHEN visits.pageviews > 0 THEN NULLIF(visits.exit_page, '') END AS exit_page,
    events.source,
    events.medium,
    events.campaign,
    events.channel,
    events.referrer_host,
    events.country,
    events.device,
    events.browser,
    events.os,
    visits.is_bot,
    visits.is_cut
FROM events_of_day AS events
JOIN visits
    ON visits.site_id = events.site_id
   AND visits.event_id = events.event_id
