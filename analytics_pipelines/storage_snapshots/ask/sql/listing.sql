WITH page AS (
    SELECT *
    FROM ({listed}) AS listed
    ORDER BY {order}, place, pre
    LIMIT $limit OFFSET $offset
)

SELECT
    * REPLACE (
        modified_at AT TIME ZONE 'UTC' AS modified_at,
        accessed_at AT TIME ZONE 'UTC' AS accessed_at,
        changed_at AT TIME ZONE 'UTC' AS changed_at
    )
FROM page
ORDER BY {order}, place, pre
