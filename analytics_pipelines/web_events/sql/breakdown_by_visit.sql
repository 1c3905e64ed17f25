-- The hits by what the visit holds that they belong to, and the visits that began on the day.
SELECT
    site_id,
    {dimension} AS dimension,
    value,
    SUM(visitors) AS visitors,
    SUM(visits) AS visits,
    SUM(pageviews) AS pageviews,
    SUM(events) AS events,
    SUM(bounces) AS bounces,
    SUM(duration_s) AS duration_s
FROM (
    SELECT
        site_id,
        COALESCE({column}, '') AS value,
        COUNT(DISTINCT visitor) AS visitors,
        0 AS visits,
        SUM(pageviews) AS pageviews,
        SUM(events) AS events,
        0 AS bounces,
        0 AS duration_s
    FROM placed_visits
    GROUP BY site_id, COALESCE({column}, '')
    UNION ALL
    SELECT
        site_id,
        COALESCE({column}, '') AS value,
        0 AS visitors,
        COUNT(*) AS visits,
        0 AS pageviews,
        0 AS events,
        SUM(CASE WHEN is_bounce THEN 1 ELSE 0 END) AS bounces,
        SUM(duration_s) AS duration_s
    FROM local_visits
    GROUP BY site_id, COALESCE({column}, '')
) AS counted
GROUP BY site_id, value
