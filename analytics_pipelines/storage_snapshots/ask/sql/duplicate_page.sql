SELECT level, size, hint, files, kept, allocated, reclaimable
FROM duplicate_groups
WHERE {after}
ORDER BY reclaimable DESC, size DESC, level, hint
LIMIT $rows
