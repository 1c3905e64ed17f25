-- Files of one name, and of several the first in pre-order.
SELECT share, parent_pre, type, extension, owner_name, uid, group_name, gid, size_bytes, allocated_bytes,
    modified_at, accessed_at
FROM entries
WHERE type <> 'd' AND (link_count <= 1 OR inode IS NULL)
UNION ALL
SELECT share, parent_pre, type, extension, owner_name, uid, group_name, gid, size_bytes, allocated_bytes,
    modified_at, accessed_at
FROM (
    SELECT *, row_number() OVER (PARTITION BY share, device, inode ORDER BY pre) AS name_number
    FROM entries
    WHERE type <> 'd' AND coalesce(link_count, 2) > 1 AND inode IS NOT NULL
) AS names
WHERE name_number = 1
