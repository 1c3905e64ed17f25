SELECT
    sums.*,
    entries.last_pre,
    entries.parent_pre,
    entries.path,
    entries.name,
    entries.parent_path,
    entries.depth
FROM sums
JOIN entries ON entries.share = sums.share AND entries.pre = sums.pre
WHERE entries.type = 'd'
