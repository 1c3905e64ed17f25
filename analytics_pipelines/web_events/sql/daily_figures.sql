-- One row per site with traffic on the day; robots are left out. Rounded half up in integers, so that bytes repeat.
WITH hits AS (
    SELECT
        site_id,
        event_date AS metric_date,
        COUNT(DISTINCT visitor_id) AS visitors,
        SUM(CASE WHEN is_pageview THEN 1 ELSE 0 END) AS pageviews,
        COUNT(*) AS events
    FROM core_web__events
    WHERE NOT is_bot
    GROUP BY site_id, event_date
),
visits AS (
    SELECT
        site_id,
        visit_date AS metric_date,
        COUNT(*) AS visits,
        SUM(CASE WHEN is_bounce THEN 1 ELSE 0 END) AS bounces,
        SUM(pageviews) AS pageviews,
        SUM(duration_s) AS duration_s,
        MEDIAN(duration_s) AS median_duration_s
    FROM core_web__sessions
    WHERE NOT is_bot
    GROUP BY site_id, visit_date
)
SELECT
    hits.metric_date,
    hits.site_id,
    hits.visitors,
    COALESCE(visits.visits, 0) AS visits,
    hits.pageviews,
    hits.events,
    CAST((200 * visits.pageviews + visits.visits) // (2 * visits.visits) AS DOUBLE) / 100 AS views_per_visit,
    CAST((20000 * visits.bounces + visits.visits) // (2 * visits.visits) AS DOUBLE) / 100 AS bounce_rate_pct,
    CAST((200 * visits.duration_s + visits.visits) // (2 * visits.visits) AS DOUBLE) / 100 AS visit_duration_s,
    visits.median_duration_s
FROM hits
LEFT JOIN visits USING (site_id, metric_date)
