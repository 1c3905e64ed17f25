-- The hits of each visitor and visit together, with what the visit holds.
SELECT
    site_id,
    visitor,
    SUM(CASE WHEN is_pageview THEN 1 ELSE 0 END) AS pageviews,
    COUNT(*) AS events,
    MIN(entry_page) AS entry_page,
    MIN(exit_page) AS exit_page,
    MIN(source) AS source,
    MIN(medium) AS medium,
    MIN(campaign) AS campaign,
    MIN(channel) AS channel,
    MIN(referrer_host) AS referrer_host,
    MIN(country) AS country,
    MIN(device) AS device,
    MIN(browser) AS browser,
    MIN(os) AS os
FROM placed_hits
GROUP BY site_id, visitor, session_id
