-- PostgreSQL. Everybody in the site who is one of the visitors by way of the hashes of neighbouring days.
WITH RECURSIVE link AS MATERIALIZED (
    SELECT visitor_id AS one, visitor_id_before AS other
    FROM web_events.event_log
    WHERE site_id = :site_id
      AND visitor_id_before IS NOT NULL
    UNION
    SELECT visitor_id_before, visitor_id
    FROM web_events.event_log
    WHERE site_id = :site_id
      AND visitor_id_before IS NOT NULL
),
linked AS (
    SELECT UNNEST(CAST(:visitor_ids AS text[])) AS visitor_id
    UNION
    SELECT link.other
    FROM linked
    JOIN link
        ON link.one = linked.visitor_id
)
SELECT visitor_id
FROM linked
