-- Rows of the core events in the published generation by day of receipt and site. Nothing happens after its receipt, nor
-- more than $latest_days whole days before it.
SELECT CAST(received_at AT TIME ZONE 'UTC' AS DATE) AS received_date, site_id, count(*) AS events
FROM core_web__events
WHERE event_date BETWEEN CAST($first AS DATE) - CAST($latest_days AS INTEGER) - 1 AND CAST($last AS DATE)
  AND CAST(received_at AT TIME ZONE 'UTC' AS DATE) BETWEEN CAST($first AS DATE) AND CAST($last AS DATE)
  AND ($site IS NULL OR site_id = $site)
GROUP BY CAST(received_at AT TIME ZONE 'UTC' AS DATE), site_id
