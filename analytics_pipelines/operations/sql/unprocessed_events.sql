-- PostgreSQL. Imported lines bear the time of their log and say nothing of how long they have waited.
SELECT
    event_type,
    COUNT(*) AS events,
    MIN(received_at) FILTER (WHERE source <> 'log') AS oldest_at
FROM web_events.event_log
WHERE log_number > :log_number
GROUP BY event_type
ORDER BY events DESC, event_type
LIMIT :most
