SELECT
    entries.path,
    entries.name,
    entries.depth,
    entries.type,
    entries.parent_pre,
    entries.size_bytes,
    entries.allocated_bytes,
    entries.device,
    folders.device AS parent_device,
    entries.inode,
    entries.link_count,
    entries.error,
    entries.uid,
    entries.gid,
    entries.mode,
    epoch_us(entries.modified_at) AS modified_us
FROM entries
LEFT JOIN (SELECT pre, device FROM entries WHERE share = $share AND type = 'd') AS folders
    ON folders.pre = entries.parent_pre
WHERE entries.share = $share
ORDER BY entries.pre
