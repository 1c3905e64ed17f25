-- One row per site with traffic on its local $day; robots are left out. Rounded half up in integers, so that bytes repeat.
WITH totals AS (
    SELECT site_id, SUM(CASE WHEN is_pageview THEN 1 ELSE 0 END) AS pageviews, COUNT(*) AS events
    FROM hits
    GROUP BY site_id
),
people AS (
    SELECT today.site_id, COUNT(*) AS visitors, COUNT(earlier.visitor_id) AS returning_visitors
    FROM core_web__visitors AS today
    LEFT JOIN (SELECT DISTINCT site_id, visitor_id FROM core_web__visitors WHERE metric_date < $day) AS earlier
        ON earlier.site_id = today.site_id
       AND earlier.visitor_id = today.visitor_id
    WHERE today.metric_date = $day
    GROUP BY today.site_id
),
ranked AS (
    SELECT
        site_id,
        is_bounce,
        pageviews,
        duration_s,
        COUNT(*) OVER (PARTITION BY site_id) AS visits,
        ROW_NUMBER() OVER (PARTITION BY site_id ORDER BY duration_s, session_id) AS place
    FROM local_visits
),
visits AS (
    SELECT
        site_id,
        visits,
        SUM(CASE WHEN is_bounce THEN 1 ELSE 0 END) AS bounces,
        SUM(pageviews) AS pageviews,
        SUM(duration_s) AS duration_s,
        MAX(CASE WHEN place = (visits + 1) // 2 THEN duration_s END) AS lower_median_s,
        MAX(CASE WHEN place = (visits + 2) // 2 THEN duration_s END) AS upper_median_s,
        MAX(CASE WHEN place = (9 * visits + 9) // 10 THEN duration_s END) AS p90_duration_s
    FROM ranked
    GROUP BY site_id, visits
)
SELECT
    CAST($day AS DATE) AS metric_date,
    totals.site_id,
    people.visitors,
    people.visitors - people.returning_visitors AS new_visitors,
    people.returning_visitors,
    COALESCE(visits.visits, 0) AS visits,
    totals.pageviews,
    totals.events,
    CAST((200 * visits.pageviews + visits.visits) // (2 * visits.visits) AS DOUBLE) / 100 AS views_per_visit,
    CAST((20000 * visits.bounces + visits.visits) // (2 * visits.visits) AS DOUBLE) / 100 AS bounce_rate_pct,
    CAST((200 * visits.duration_s + visits.visits) // (2 * visits.visits) AS DOUBLE) / 100 AS visit_duration_s,
    CAST(visits.lower_median_s + visits.upper_median_s AS DOUBLE) / 2 AS median_duration_s,
    visits.p90_duration_s
FROM totals
LEFT JOIN people ON people.site_id = totals.site_id
LEFT JOIN visits ON visits.site_id = totals.site_id
