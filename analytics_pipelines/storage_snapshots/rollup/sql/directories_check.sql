-- The sums were made of ranges of `pre`. Here each folder is held against the folders in it, by `parent_pre`: its range
-- is as wide as what it counts, and its sums are its own and theirs, unless names of one file meet in it.
WITH parts AS (
    SELECT share, parent_pre AS pre, count(*) AS folder_count, sum(dir_count) AS dir_count,
        sum(extra_link_count) AS extra_link_count, sum(file_count) + sum(extra_link_count) AS name_count,
        sum(error_count) AS error_count, sum(size_bytes) AS size_bytes, sum(allocated_bytes) AS allocated_bytes,
        max(last_pre) AS last_pre, min(earliest_modified_at) AS earliest_modified_at,
        max(latest_modified_at) AS latest_modified_at
    FROM staged_rows
    WHERE parent_pre IS NOT NULL
    GROUP BY share, parent_pre
),
compared AS (
    SELECT folders.*, folders.extra_link_count = coalesce(parts.extra_link_count, 0) AS is_plain_sum,
        coalesce(parts.folder_count, 0) AS part_folder_count, coalesce(parts.dir_count, 0) AS part_dir_count,
        coalesce(parts.name_count, 0) AS part_name_count, coalesce(parts.error_count, 0) AS part_error_count,
        CAST(coalesce(parts.size_bytes, 0) AS DECIMAL(38, 0)) AS part_size_bytes,
        CAST(coalesce(parts.allocated_bytes, 0) AS DECIMAL(38, 0)) AS part_allocated_bytes,
        coalesce(parts.last_pre, folders.pre) AS part_last_pre,
        parts.earliest_modified_at AS part_earliest_modified_at, parts.latest_modified_at AS part_latest_modified_at
    FROM staged_rows AS folders
    LEFT JOIN parts ON parts.share = folders.share AND parts.pre = folders.pre
),
wrong AS (
    SELECT count(*) AS folder_count
    FROM compared
    WHERE last_pre - pre <> file_count + extra_link_count + dir_count
        OR last_pre < part_last_pre
        OR own_dir_count <> part_folder_count
        OR dir_count <> part_folder_count + part_dir_count
        OR error_count < part_error_count
        OR coalesce(earliest_modified_at > part_earliest_modified_at, false)
        OR coalesce(latest_modified_at < part_latest_modified_at, false)
        OR (is_plain_sum AND (
            file_count + extra_link_count <> own_file_count + part_name_count
            OR size_bytes <> least(own_size_bytes + part_size_bytes, 9223372036854775807)
            OR allocated_bytes <> least(own_allocated_bytes + part_allocated_bytes, 9223372036854775807)
        ))
),
totals AS (
    SELECT concat_ws(' ', share, file_count, size_bytes, allocated_bytes) AS told, share
    FROM staged_rows
    WHERE parent_pre IS NULL
)
SELECT
    coalesce((SELECT string_agg(told, ' ' ORDER BY share) FROM totals), '')
        || ', ' || wrong.folder_count || ' folders differ'
FROM wrong
