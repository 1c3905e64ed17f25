-- PostgreSQL. Whether lines of an imported log were received on the day, and how many of its sites keep it for longer.
SELECT
    coalesce(bool_or(days.has_log), false) AS has_log,
    count(*) FILTER (
        WHERE CAST(:day AS date) >= CAST(:today AS date) - site.retention_days
    ) AS sites_keeping
FROM (
    SELECT site_id, bool_or(source = 'log') AS has_log
    FROM web_events.event_log
    WHERE received_at >= CAST(CAST(:day AS date) AS timestamp) AT TIME ZONE 'UTC'
      AND received_at < CAST(CAST(:day AS date) + 1 AS timestamp) AT TIME ZONE 'UTC'
    GROUP BY site_id
) AS days
LEFT JOIN web_events.site AS site ON site.site_id = days.site_id
