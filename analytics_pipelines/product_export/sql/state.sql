-- What is left of a base once the latest change of each key is applied.
WITH latest AS (
    SELECT *
    FROM {changed_rows} AS changed
    QUALIFY ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {export_date} DESC) = 1
)

SELECT {columns_of_base}
FROM {base_rows} AS base
ANTI JOIN latest ON {is_same}
UNION ALL
SELECT {columns}
FROM latest
WHERE NOT {is_tombstone}
