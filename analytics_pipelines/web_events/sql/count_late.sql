-- Rows of the late events in the published generation by day of receipt and site.
SELECT received_date, site_id, count(*) AS events
FROM raw_web__late_events
WHERE received_date BETWEEN CAST($first AS DATE) AND CAST($last AS DATE) AND ($site IS NULL OR site_id = $site)
GROUP BY received_date, site_id
