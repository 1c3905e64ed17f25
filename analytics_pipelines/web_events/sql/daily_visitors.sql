-- Visitors of each site's local $day.
SELECT
    local_date AS metric_date,
    site_id,
    visitor AS visitor_id,
    SUM(CASE WHEN is_pageview THEN 1 ELSE 0 END) AS pageviews,
    COUNT(*) AS events
FROM named_hits
GROUP BY local_date, site_id, visitor
