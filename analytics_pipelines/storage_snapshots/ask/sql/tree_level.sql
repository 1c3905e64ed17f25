WITH folders AS (
    SELECT
        share, pre, parent_pre, path, name, file_count, dir_count, size_bytes, allocated_bytes, error_count,
        own_file_count, own_size_bytes, own_allocated_bytes, {measure} AS measured
    FROM ({folders}) AS found
    WHERE share = $share AND pre BETWEEN $pre AND $last_pre AND parent_pre IN (SELECT unnest($parents))
),

ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY parent_pre ORDER BY measured DESC, pre) AS rank,
        row_number() OVER (ORDER BY measured DESC, pre) AS rank_of_all
    FROM folders
),

judged AS (
    SELECT *, rank <= $top AND rank_of_all <= $left AND measured >= $min_size AS is_kept
    FROM ranked
)

SELECT
    is_kept, parent_pre,
    CASE WHEN is_kept THEN pre END AS pre,
    min(path) AS path,
    min(name) AS name,
    CAST(sum(file_count) AS BIGINT) AS file_count,
    CAST(sum(dir_count) AS BIGINT) AS dir_count,
    CAST(sum(size_bytes) AS BIGINT) AS size_bytes,
    CAST(sum(allocated_bytes) AS BIGINT) AS allocated_bytes,
    CAST(sum(error_count) AS BIGINT) AS error_count,
    CAST(sum(own_file_count) AS BIGINT) AS own_file_count,
    CAST(sum(own_size_bytes) AS BIGINT) AS own_size_bytes,
    CAST(sum(own_allocated_bytes) AS BIGINT) AS own_allocated_bytes,
    count(*) AS folder_count,
    min(rank) AS first_rank
FROM judged
GROUP BY is_kept, parent_pre, CASE WHEN is_kept THEN pre END
ORDER BY parent_pre, is_kept DESC, first_rank
