-- PostgreSQL. Rejects in which one of these texts stands, for a closer look; rejects may name no site.
SELECT failed_id, payload
FROM web_events.failed_event
WHERE (site_id = :site_id OR site_id IS NULL)
  AND EXISTS (
      SELECT 1
      FROM UNNEST(CAST(:spellings AS bytea[])) AS spelt (text)
      WHERE POSITION(spelt.text IN payload) > 0
  )
