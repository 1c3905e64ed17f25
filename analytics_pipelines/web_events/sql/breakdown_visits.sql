-- What hits of each site's local $day take from their visit.
SELECT
    visits.site_id,
    visits.session_id,
    visits.visit_date,
    visits.visitor_id,
    visits.started_at,
    visits.ended_at,
    visits.is_bot,
    visits.is_bounce,
    visits.duration_s,
    visits.entry_page,
    visits.exit_page,
    visits.source,
    visits.medium,
    visits.campaign,
    visits.channel,
    visits.referrer_host,
    visits.country,
    visits.device,
    visits.browser,
    visits.os
FROM core_web__sessions AS visits
JOIN local_day ON local_day.site_id = visits.site_id
WHERE visits.ended_at >= local_day.begins_at
  AND visits.started_at < local_day.ends_at
