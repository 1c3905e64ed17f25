-- The visits that began last, of those that began on $first or later; a total order, so that pages repeat.
SELECT
    site_id,
    session_id,
    visitor_id,
    started_at,
    ended_at,
    duration_s,
    pageviews,
    events,
    conversions,
    is_bounce,
    is_engaged,
    is_bot,
    source,
    medium,
    campaign,
    channel,
    referrer_host,
    country,
    device,
    browser,
    os
FROM core_web__sessions
WHERE visit_date >= $first
ORDER BY started_at DESC, site_id, session_id
LIMIT $limit
