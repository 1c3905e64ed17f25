-- The rows are found by few columns, and read whole only then.
WITH page AS (
    SELECT share, pre, {measure} AS measured, taken_at
    FROM ({files}) AS files
    WHERE {measure} IS NOT NULL AND ({after})
    ORDER BY measured DESC, share, pre
    LIMIT $rows
)
SELECT {columns}, page.pre, page.measured, page.taken_at AT TIME ZONE 'UTC', entries.born_at AT TIME ZONE 'UTC'
FROM page
JOIN ({entries}) AS entries ON entries.share = page.share AND entries.pre = page.pre
ORDER BY page.measured DESC, page.share, page.pre
