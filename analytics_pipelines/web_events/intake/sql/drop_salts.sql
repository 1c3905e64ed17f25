-- PostgreSQL. Salts that nobody needs any more; then nobody can make their hashes again.
DELETE FROM web_events.visitor_salt
WHERE salt_date <= %(last)s
