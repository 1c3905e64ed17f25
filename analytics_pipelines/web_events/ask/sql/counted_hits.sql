SELECT
    COUNT(DISTINCT visitor) AS visitors,
    {visits} AS visits_with_hits,
    COALESCE(SUM(CASE WHEN is_pageview THEN 1 ELSE 0 END), 0) AS pageviews,
    COUNT(*) AS events,
    {dimensions}
FROM kept_hits
{grouping}
