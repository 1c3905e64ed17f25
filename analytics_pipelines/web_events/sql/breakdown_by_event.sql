-- The hits by what they hold themselves; a visit counts for each value that any of its hits holds.
SELECT
    site_id,
    {dimension} AS dimension,
    value,
    COUNT(DISTINCT visitor) AS visitors,
    COUNT(DISTINCT session_id) AS visits,
    SUM(pageviews) AS pageviews,
    SUM(events) AS events,
    SUM(CASE WHEN place = 1 AND is_bounce THEN 1 ELSE 0 END) AS bounces,
    SUM(CASE WHEN place = 1 THEN duration_s ELSE 0 END) AS duration_s
FROM (
    SELECT
        site_id,
        COALESCE({column}, '') AS value,
        visitor,
        CASE WHEN NOT is_bot_visit THEN session_id END AS session_id,
        NOT is_bot_visit AND is_bounce AS is_bounce,
        CASE WHEN NOT is_bot_visit THEN duration_s ELSE 0 END AS duration_s,
        SUM(CASE WHEN is_pageview THEN 1 ELSE 0 END) AS pageviews,
        COUNT(*) AS events,
        ROW_NUMBER() OVER (PARTITION BY site_id, COALESCE({column}, ''), session_id ORDER BY visitor) AS place
    FROM placed_hits
    GROUP BY site_id, COALESCE({column}, ''), visitor, session_id, is_bot_visit, is_bounce, duration_s
) AS by_visit
GROUP BY site_id, value
