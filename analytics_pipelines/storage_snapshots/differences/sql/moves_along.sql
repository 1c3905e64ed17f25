SELECT gone.share, gone.path AS moved_from, come.path AS moved_to
FROM {used} AS used
JOIN gone ON gone.share = used.share AND gone.parent_path = used.moved_from
JOIN come
    ON come.share = used.share AND come.parent_path = used.moved_to AND come.name = gone.name AND come.type = gone.type
ANTI JOIN {used} AS sent ON sent.share = gone.share AND sent.moved_from = gone.path
ANTI JOIN {used} AS taken ON taken.share = come.share AND taken.moved_to = come.path
WHERE (gone.type = 'd' OR gone.size_bytes = come.size_bytes)
    AND NOT coalesce(gone.type <> 'd' AND gone.modified_at <> come.modified_at, false)
    AND NOT coalesce(gone.content_hash <> come.content_hash, false)
    AND NOT coalesce(gone.device = come.device AND gone.inode <> come.inode, false)
