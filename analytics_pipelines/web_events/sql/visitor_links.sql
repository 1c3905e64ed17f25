-- Derived visitors of each UTC day and their hash of the day before.
SELECT site_id, event_date, visitor_id, MIN(visitor_id_before) AS visitor_id_before
FROM core_web__events
WHERE visitor_id_before IS NOT NULL
GROUP BY site_id, event_date, visitor_id
