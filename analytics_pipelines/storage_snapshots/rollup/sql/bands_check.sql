-- Every file is in one bin and in one band of each kind.
WITH folders AS (
    SELECT share, pre,
        size_bin_0_file_count + size_bin_1_file_count + size_bin_2_file_count + size_bin_3_file_count +
            size_bin_4_file_count + size_bin_5_file_count + size_bin_6_file_count + size_bin_7_file_count +
            size_bin_8_file_count + size_bin_9_file_count AS file_count,
        modified_under_30_days_file_count + modified_under_90_days_file_count +
            modified_under_180_days_file_count + modified_under_365_days_file_count +
            modified_under_730_days_file_count + modified_older_file_count + modified_unknown_file_count AS modified_count,
        accessed_under_30_days_file_count + accessed_under_90_days_file_count +
            accessed_under_180_days_file_count + accessed_under_365_days_file_count +
            accessed_under_730_days_file_count + accessed_older_file_count + accessed_unknown_file_count AS accessed_count,
        least(CAST(size_bin_0_size_bytes AS DECIMAL(38, 0)) + size_bin_1_size_bytes + size_bin_2_size_bytes +
            size_bin_3_size_bytes + size_bin_4_size_bytes + size_bin_5_size_bytes + size_bin_6_size_bytes +
            size_bin_7_size_bytes + size_bin_8_size_bytes + size_bin_9_size_bytes, 9223372036854775807) AS size_bytes,
        least(CAST(modified_under_30_days_allocated_bytes AS DECIMAL(38, 0)) +
            modified_under_90_days_allocated_bytes + modified_under_180_days_allocated_bytes +
            modified_under_365_days_allocated_bytes + modified_under_730_days_allocated_bytes +
            modified_older_allocated_bytes + modified_unknown_allocated_bytes, 9223372036854775807) AS allocated_bytes,
        least(CAST(accessed_under_30_days_allocated_bytes AS DECIMAL(38, 0)) +
            accessed_under_90_days_allocated_bytes + accessed_under_180_days_allocated_bytes +
            accessed_under_365_days_allocated_bytes + accessed_under_730_days_allocated_bytes +
            accessed_older_allocated_bytes + accessed_unknown_allocated_bytes, 9223372036854775807) AS accessed_bytes
    FROM staged_rows
),
totals AS (
    SELECT concat_ws(' ', share, file_count, size_bytes, allocated_bytes) AS told, share
    FROM folders
    WHERE pre = 0 AND file_count > 0
),
wrong AS (
    SELECT count(*) AS folder_count
    FROM folders
    WHERE file_count <> modified_count OR file_count <> accessed_count OR allocated_bytes <> accessed_bytes
)
SELECT
    coalesce((SELECT string_agg(told, ' ' ORDER BY share) FROM totals), '')
        || ', ' || wrong.folder_count || ' folders differ'
FROM wrong
