-- The name that an early visitor had on the day before: the hash of that day where one of its events carries it, else
-- the same name, unless that was another's: then the two are different people.
WITH hashed AS (
    SELECT
        early.event_date,
        early.site_id,
        early.visitor_id,
        early.first_at,
        MIN(events.visitor_id_before) AS visitor_id_before
    FROM (
        SELECT event_date, site_id, visitor_id, visitor_id_before FROM events_of_day
        UNION ALL
        SELECT event_date, site_id, visitor_id, visitor_id_before FROM events_after
    ) AS events
    JOIN early_visitors AS early
        ON early.event_date = events.event_date
       AND early.site_id = events.site_id
       AND early.visitor_id = events.visitor_id
    GROUP BY early.event_date, early.site_id, early.visitor_id, early.first_at
),
others AS (
    SELECT DISTINCT hashed.event_date, hashed.site_id, hashed.visitor_id
    FROM (
        SELECT event_date, site_id, visitor_id, visitor_id_before FROM events_of_day
        UNION ALL
        SELECT event_date, site_id, visitor_id, visitor_id_before FROM events_after
    ) AS events
    JOIN hashed
        ON hashed.event_date = events.event_date
       AND hashed.site_id = events.site_id
       AND hashed.visitor_id = events.visitor_id_before
    WHERE hashed.visitor_id_before IS NULL
)
SELECT
    hashed.event_date,
    hashed.site_id,
    hashed.visitor_id,
    hashed.first_at,
    COALESCE(hashed.visitor_id_before, hashed.visitor_id) AS name_before
FROM hashed
LEFT JOIN others
    ON others.event_date = hashed.event_date
   AND others.site_id = hashed.site_id
   AND others.visitor_id = hashed.visitor_id
WHERE others.visitor_id IS NULL
