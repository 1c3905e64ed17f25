SELECT
    COUNT(*) AS visits,
    SUM(CASE WHEN {entered} THEN 1 ELSE 0 END) AS entries,
    SUM(CASE WHEN is_bounce AND {entered} THEN 1 ELSE 0 END) AS bounces,
    SUM(pageviews) AS views,
    SUM(duration_s) AS duration_s,
    {dimensions}
FROM kept_visits
{grouping}
