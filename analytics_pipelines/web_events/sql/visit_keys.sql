-- Under which visitor ids the events of which UTC day belong to a visit: those of its own day, and for one that goes on
-- after midnight the ids that are linked to it, or its own where that is linked to nobody.
SELECT visits.*, visits.visit_date AS event_date, visits.visitor_id AS event_visitor_id
FROM visits
UNION ALL
SELECT visits.*, links.event_date, links.visitor_id AS event_visitor_id
FROM visits
JOIN links
    ON links.site_id = visits.site_id
   AND links.event_date = CAST(visits.visit_date + INTERVAL '1' DAY AS DATE)
   AND links.visitor_id_before = visits.visitor_id
WHERE CAST(visits.ended_at AT TIME ZONE 'UTC' AS DATE) > visits.visit_date
UNION ALL
SELECT
    visits.*,
    CAST(visits.visit_date + INTERVAL '1' DAY AS DATE) AS event_date,
    visits.visitor_id AS event_visitor_id
FROM visits
LEFT JOIN links
    ON links.site_id = visits.site_id
   AND links.event_date = CAST(visits.visit_date + INTERVAL '1' DAY AS DATE)
   AND links.visitor_id = visits.visitor_id
WHERE CAST(visits.ended_at AT TIME ZONE 'UTC' AS DATE) > visits.visit_date
  AND links.visitor_id IS NULL
