SELECT share, snapshot_date, root_path, taken_at
FROM core_fs__snapshots
ORDER BY share, snapshot_date
