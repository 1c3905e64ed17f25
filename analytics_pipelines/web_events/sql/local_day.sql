-- When $day began and ended at each site, in UTC: the first moments whose local date is $day and the day after. Where a
-- clock that is set back at midnight shows 00:00 twice, AT TIME ZONE gives the later one, so earlier quarters are tried.
WITH zones AS (
    SELECT events.site_id, COALESCE(MAX_BY(sites.timezone, sites.event_date), 'UTC') AS timezone
    FROM (SELECT DISTINCT site_id FROM core_web__events) AS events
    LEFT JOIN core_web__sites AS sites ON sites.site_id = events.site_id
    GROUP BY events.site_id
),
tried AS (
    SELECT
        zones.timezone,
        days.date_begun,
        CAST(days.date_begun AS TIMESTAMP) AT TIME ZONE zones.timezone - quarters.number * INTERVAL '15' MINUTE AS moment
    FROM (SELECT DISTINCT timezone FROM zones) AS zones
    CROSS JOIN (
        SELECT CAST($day AS DATE) AS date_begun
        UNION ALL
        SELECT CAST(CAST($day AS DATE) + INTERVAL '1' DAY AS DATE)
    ) AS days
    CROSS JOIN (
        VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)
    ) AS quarters (number)
),
bounds AS (
    SELECT timezone, date_begun, MIN(moment) AS begun_at
    FROM tried
    WHERE CAST(moment AT TIME ZONE timezone AS DATE) >= date_begun
    GROUP BY timezone, date_begun
)
SELECT zones.site_id, MIN(bounds.begun_at) AS begins_at, MAX(bounds.begun_at) AS ends_at
FROM zones
JOIN bounds ON bounds.timezone = zones.timezone
GROUP BY zones.site_id
