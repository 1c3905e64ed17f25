-- Scans of overlapping trees see the same file twice: same device and inode, and not changed in between.
SELECT * FROM ({files}) AS files
QUALIFY inode IS NULL OR changed_at IS NULL
    OR row_number() OVER (PARTITION BY device, inode, changed_at ORDER BY share, pre) = 1
