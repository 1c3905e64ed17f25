-- What questions need of one site's visits.
SELECT
    site_id,
    session_id,
    visit_date,
    visitor_id,
    started_at,
    started_at AT TIME ZONE {timezone} AS local_at,
    ended_at,
    is_bot,
    is_bounce,
    duration_s,
    pageviews,
    entry_page,
    exit_page,
    source,
    medium,
    campaign,
    channel,
    referrer_host,
    country,
    device,
    browser,
    os
FROM ({sessions}) AS core_sessions
WHERE site_id = {site}
