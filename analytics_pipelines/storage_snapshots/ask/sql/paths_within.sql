-- Matches in some folders of a share, folder by folder.
SELECT {entry} AS entry, share, parent_pre, pre
FROM {source} AS entries
WHERE share = $share AND parent_pre BETWEEN $first AND $last AND {conditions}
ORDER BY parent_pre, pre
LIMIT $limit
