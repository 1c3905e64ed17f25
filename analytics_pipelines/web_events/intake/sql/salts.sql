-- PostgreSQL. All salts that are kept.
SELECT salt_date, salt
FROM web_events.visitor_salt
ORDER BY salt_date
