-- Events that were received on several days, which only happens once their keys are forgotten, and when first.
SELECT site_id, event_id, MIN(received_at) AS first_received_at
FROM raw_web__events
GROUP BY site_id, event_id
HAVING COUNT(*) > 1
