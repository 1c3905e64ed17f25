-- What was last known of folders that the snapshot before could not read: the newest row of each path. The ranges of
-- that snapshot itself are among the gaps because its rows take precedence.
SELECT {columns}, unreadable.path IS NOT NULL AS is_hidden
FROM (
    SELECT earlier.*, pairs.previous_date,
        row_number() OVER (PARTITION BY earlier.share, earlier.path ORDER BY earlier.snapshot_date DESC) AS place
    FROM gaps
    JOIN {earlier} AS earlier
        ON earlier.share = gaps.share AND earlier.snapshot_date = gaps.snapshot_date
        AND earlier.pre BETWEEN gaps.first_pre AND gaps.last_pre
    JOIN pairs ON pairs.share = gaps.share
) AS entries
LEFT JOIN unreadable ON unreadable.share = entries.share AND starts_with(entries.path, unreadable.path || '/')
WHERE entries.place = 1 AND entries.snapshot_date < entries.previous_date
