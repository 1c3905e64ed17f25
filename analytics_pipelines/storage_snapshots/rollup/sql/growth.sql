WITH roots AS (
    SELECT * FROM directories WHERE pre = 0
)
SELECT
    present.share,
    present.snapshot_date,
    present.path AS root_path,
    present.file_count,
    present.dir_count,
    present.error_count,
    present.size_bytes,
    present.allocated_bytes,
    present.file_count - earlier.file_count AS file_count_change,
    present.dir_count - earlier.dir_count AS dir_count_change,
    present.size_bytes - earlier.size_bytes AS size_change_bytes,
    present.allocated_bytes - earlier.allocated_bytes AS allocated_change_bytes
FROM roots AS present
LEFT JOIN roots AS earlier
    ON earlier.share = present.share AND earlier.snapshot_date < present.snapshot_date
WHERE present.snapshot_date = $day
