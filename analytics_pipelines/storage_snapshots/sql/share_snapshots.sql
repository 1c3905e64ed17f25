SELECT
    snapshots.share,
    snapshots.snapshot_date,
    snapshots.root_path,
    snapshots.taken_at,
    snapshots.ended_at,
    snapshots.mode,
    snapshots.entry_count,
    snapshots.error_count,
    snapshots.vanished_count,
    snapshots.other_filesystem_count,
    snapshots.implied_dir_count,
    snapshots.capacity_bytes,
    snapshots.available_bytes,
    snapshots.absent_columns,
    snapshots.unknown_columns,
    snapshots.sha256,
    growth.file_count,
    growth.dir_count,
    growth.size_bytes,
    growth.allocated_bytes
FROM core_fs__snapshots AS snapshots
LEFT JOIN out_fs__growth AS growth
    ON snapshots.share = growth.share AND snapshots.snapshot_date = growth.snapshot_date
WHERE snapshots.snapshot_date IN (SELECT unnest(CAST($days AS DATE[])))
ORDER BY snapshots.share, snapshots.snapshot_date
