SELECT
    metric_date, site_id, visitors, new_visitors, returning_visitors, visits, pageviews, events,
    views_per_visit, bounce_rate_pct, visit_duration_s, median_duration_s, p90_duration_s
FROM out_web__daily_metrics
WHERE metric_date BETWEEN $first AND $last
  AND ($site IS NULL OR site_id = $site)
ORDER BY metric_date, site_id
