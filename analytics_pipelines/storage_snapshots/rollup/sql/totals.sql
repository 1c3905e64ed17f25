-- The number of rows to come, and what each share holds without any tree: what the roots' sums have to be.
WITH once AS (
{files}
),
held AS (
    SELECT share, 1 AS file_count, size_bytes, allocated_bytes FROM once WHERE parent_pre IS NOT NULL
    UNION ALL
    SELECT share, 0, size_bytes, allocated_bytes FROM entries WHERE type = 'd' AND {has_folders}
),
totals AS (
    SELECT share, sum(file_count) AS file_count,
        least(sum(greatest(coalesce(size_bytes, 0), 0)), 9223372036854775807) AS size_bytes,
        least(sum(greatest(coalesce(allocated_bytes, 0), 0)), 9223372036854775807) AS allocated_bytes
    FROM held
    GROUP BY share
)
SELECT
    ({rows}),
    coalesce(string_agg(concat_ws(' ', share, file_count, size_bytes, allocated_bytes), ' ' ORDER BY share), '')
        || ', 0 folders differ'
FROM totals
