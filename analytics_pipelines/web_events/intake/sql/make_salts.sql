-- PostgreSQL. Salts of days; who comes first makes them for all.
INSERT INTO web_events.visitor_salt (salt_date, salt)
SELECT salt_date, decode(salt, 'hex')
FROM unnest(%(days)s::date[], %(salts)s::text[]) AS made (salt_date, salt)
ORDER BY salt_date
ON CONFLICT DO NOTHING
