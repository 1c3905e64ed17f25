-- Folders that are there on both sides. The roots lie in no folder: under -1 they stand side by side too.
SELECT after.share, after.pre, earlier.pre AS before_pre
FROM after_directories AS after
JOIN previous_directories AS earlier ON earlier.path = after.path AND earlier.share = after.share
UNION ALL
SELECT after.share, -1, -1
FROM (SELECT share, path FROM after_directories WHERE parent_pre IS NULL) AS after
JOIN (SELECT share, path FROM previous_directories WHERE parent_pre IS NULL) AS earlier
    ON earlier.path = after.path AND earlier.share = after.share
