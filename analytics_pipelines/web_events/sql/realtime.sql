-- PostgreSQL. One row for all of the last half hour and one for each of its most viewed pages. At midnight UTC a derived
-- visitor has two ids: the new one counts for the old one where both came.
WITH recent AS (
    SELECT
        visitor_id,
        visitor_id_before,
        received_at,
        LOWER(event_type) IN ('pageview', 'page_view', 'page') AS is_pageview,
        COALESCE(path, url) AS address
    FROM web_events.event_log
    WHERE site_id = :site
      AND received_at > :since
      AND received_at <= :now
      AND NOT REPLACE(LOWER(COALESCE(user_agent, '')), 'cubot', '') ~ :robots
),
seen AS (
    SELECT DISTINCT visitor_id
    FROM recent
),
named AS (
    SELECT
        COALESCE(seen.visitor_id, recent.visitor_id) AS visitor,
        recent.is_pageview,
        recent.received_at > :lately AS is_late,
        CASE
            WHEN recent.is_pageview AND recent.address IS NOT NULL
            THEN COALESCE(NULLIF(REGEXP_REPLACE(
                REGEXP_REPLACE(recent.address, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*', ''), '[?#].*$', ''
            ), ''), '/')
        END AS page
    FROM recent
    LEFT JOIN seen ON seen.visitor_id = recent.visitor_id_before
)
SELECT
    page,
    COUNT(DISTINCT visitor) AS visitors,
    COUNT(CASE WHEN is_pageview THEN 1 END) AS pageviews,
    COUNT(*) AS events,
    COUNT(DISTINCT CASE WHEN is_late THEN visitor END) AS late_visitors,
    COUNT(CASE WHEN is_late AND is_pageview THEN 1 END) AS late_pageviews,
    COUNT(CASE WHEN is_late THEN 1 END) AS late_events
FROM named
GROUP BY GROUPING SETS ((), (page))
HAVING GROUPING(page) = 1 OR page IS NOT NULL
ORDER BY GROUPING(page) DESC, pageviews DESC, visitors DESC, page
LIMIT :rows
