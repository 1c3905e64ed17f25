-- Visits that began on each site's local $day, without those of robots.
SELECT visits.*
FROM core_web__sessions AS visits
JOIN local_day ON local_day.site_id = visits.site_id
WHERE visits.started_at >= local_day.begins_at
  AND visits.started_at < local_day.ends_at
  AND NOT visits.is_bot
