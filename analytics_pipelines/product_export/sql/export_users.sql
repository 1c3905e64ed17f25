-- PostgreSQL. $1 is the day; its end is the next midnight in UTC, whatever the session's time zone.
SELECT
    CAST($1 AS date) AS export_date,
    CAST(id AS bigint) AS id,
    CAST(email AS text) AS email,
    CAST(full_name AS text) AS full_name,
    CAST(is_active AS boolean) AS is_active,
    CAST(created_at AS timestamptz) AS created_at,
    CAST(updated_at AS timestamptz) AS updated_at
FROM product.users
WHERE created_at < CAST(CAST($1 AS date) + 1 AS timestamp) AT TIME ZONE 'UTC'
