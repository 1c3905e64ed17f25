-- A file of several names counts under the first of them in pre-order. Sizes are counted by powers of two first, so
-- that only files which can be among the largest are put in order.
WITH files AS (
    SELECT share, pre, size_bytes, allocated_bytes, device, inode,
        coalesce(link_count, 2) > 1 AND inode IS NOT NULL AS has_names
    FROM ({entries}) AS entries
    WHERE type <> 'd'
),
firsts AS (
    SELECT share, pre, size_bytes, allocated_bytes FROM files WHERE NOT has_names
    UNION ALL
    SELECT share, min(pre) AS pre, max(size_bytes) AS size_bytes, max(allocated_bytes) AS allocated_bytes
    FROM files WHERE has_names GROUP BY share, device, inode
),
measured AS (
    SELECT share, pre, 'size' AS measure, greatest(coalesce(size_bytes, 0), 0) AS bytes FROM firsts
    UNION ALL
    SELECT share, pre, 'allocated' AS measure, greatest(coalesce(allocated_bytes, 0), 0) AS bytes FROM firsts
),
powers AS (
    SELECT share, measure, floor(log2(greatest(bytes, 1))) AS power, count(*) AS file_count
    FROM measured GROUP BY share, measure, floor(log2(greatest(bytes, 1)))
),
above AS (
    SELECT share, measure, power, sum(file_count) OVER (
        PARTITION BY share, measure ORDER BY power DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) - file_count AS larger_count
    FROM powers
),
ranked AS (
    SELECT measured.share, pre, measured.measure,
        row_number() OVER (PARTITION BY measured.share, measured.measure ORDER BY bytes DESC, pre) AS place
    FROM measured
    JOIN above ON above.share = measured.share AND above.measure = measured.measure
        AND above.power = floor(log2(greatest(bytes, 1)))
    WHERE larger_count < {most}
)
SELECT measure, CAST(place AS INTEGER) AS "rank", {columns}
FROM ranked
JOIN ({entries}) AS entries ON entries.share = ranked.share AND entries.pre = ranked.pre
WHERE place <= {most}
