-- Each hit with the visit that it belongs to; visits of one visitor never overlap.
SELECT
    hits.*,
    keys.session_id,
    keys.is_bot AS is_bot_visit,
    keys.is_bounce,
    keys.duration_s,
    keys.entry_page,
    keys.exit_page,
    keys.source,
    keys.medium,
    keys.campaign,
    keys.channel,
    keys.referrer_host,
    keys.country,
    keys.device,
    keys.browser,
    keys.os
FROM named_hits AS hits
LEFT JOIN visit_keys AS keys
    ON keys.site_id = hits.site_id
   AND keys.event_date = hits.event_date
   AND keys.event_visitor_id = hits.visitor_id
   AND keys.started_at <= hits.event_at
   AND keys.ended_at >= hits.event_at
