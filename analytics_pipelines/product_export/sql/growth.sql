-- Rows made on each day from $first_at to $end_at; all older ones are counted on the day before, $date_before.
WITH created AS (
    SELECT created_at, 1 AS user_count, 0 AS item_count
    FROM core_app__users
    WHERE export_date = $export_date
      AND created_at < $end_at
    UNION ALL
    SELECT created_at, 0 AS user_count, 1 AS item_count
    FROM core_app__items
    WHERE export_date = $export_date
      AND created_at < $end_at
)
SELECT
    CASE
        WHEN created_at < $first_at THEN $date_before
        ELSE CAST(created_at AT TIME ZONE 'UTC' AS DATE)
    END AS created_date,
    CAST(sum(user_count) AS BIGINT) AS user_count,
    CAST(sum(item_count) AS BIGINT) AS item_count
FROM created
GROUP BY 1
ORDER BY 1
