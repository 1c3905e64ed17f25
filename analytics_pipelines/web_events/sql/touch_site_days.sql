-- PostgreSQL. The days on which the site has events are to be made anew; in order, so that two who touch never
-- deadlock.
INSERT INTO web_events.touched_day (touched_date, kind, touched_at)
SELECT event_date, 'event', CAST(:at AS timestamptz)
FROM web_events.site_day
WHERE site_id = :site_id
ORDER BY event_date
ON CONFLICT (touched_date, kind) DO UPDATE
SET touch_number = nextval('web_events.touched_day_number'), touched_at = excluded.touched_at
