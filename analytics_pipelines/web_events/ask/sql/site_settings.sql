-- The newest settings of a site with data, and its first day.
SELECT
    MAX_BY(timezone, event_date) AS timezone,
    MAX_BY(conversion_events, event_date) AS conversion_events,
    MIN(event_date) AS begun_date
FROM core_web__sites
WHERE site_id = $site
HAVING COUNT(*) > 0
