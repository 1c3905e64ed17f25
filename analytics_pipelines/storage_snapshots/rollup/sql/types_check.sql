WITH totals AS (
    SELECT share, sum(file_count) AS file_count, least(sum(size_bytes), 9223372036854775807) AS size_bytes,
        least(sum(allocated_bytes), 9223372036854775807) AS allocated_bytes
    FROM staged_rows
    WHERE pre = 0
    GROUP BY share
)
SELECT
    coalesce(string_agg(concat_ws(' ', share, file_count, size_bytes, allocated_bytes), ' ' ORDER BY share), '')
        || ', 0 folders differ'
FROM totals
