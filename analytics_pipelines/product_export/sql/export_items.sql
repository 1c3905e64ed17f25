-- PostgreSQL. $1 is the day; its end is the next midnight in UTC, whatever the session's time zone.
SELECT
    CAST($1 AS date) AS export_date,
    CAST(id AS bigint) AS id,
    CAST(owner_id AS bigint) AS owner_id,
    CAST(title AS text) AS title,
    CAST(description AS text) AS description,
    CAST(created_at AS timestamptz) AS created_at,
    CAST(updated_at AS timestamptz) AS updated_at
FROM product.items
WHERE created_at < CAST(CAST($1 AS date) + 1 AS timestamp) AT TIME ZONE 'UTC'
