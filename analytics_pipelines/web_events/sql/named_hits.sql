-- Who caused each of the hits. Where a local day spans two UTC days, a derived visitor has two ids: events of the second
-- day count for the first day's id when that was seen on the same local day.
SELECT hits.*, COALESCE(seen.visitor_id, hits.visitor_id) AS visitor
FROM hits
LEFT JOIN links
    ON links.site_id = hits.site_id
   AND links.event_date = hits.event_date
   AND links.visitor_id = hits.visitor_id
LEFT JOIN (
    SELECT DISTINCT site_id, local_date, CAST(event_date + INTERVAL '1' DAY AS DATE) AS next_date, visitor_id
    FROM hits
) AS seen
    ON seen.site_id = hits.site_id
   AND seen.local_date = hits.local_date
   AND seen.next_date = hits.event_date
   AND seen.visitor_id = links.visitor_id_before
