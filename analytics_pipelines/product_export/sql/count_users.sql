-- PostgreSQL. As many rows as export_users.sql gives, counted by the source itself.
SELECT count(*) AS row_count
FROM product.users
WHERE created_at < CAST(CAST($1 AS date) + 1 AS timestamp) AT TIME ZONE 'UTC'
