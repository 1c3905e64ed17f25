SELECT net.share, net.path, net.name, net.parent_path, net.depth, net.is_folder,
    CASE WHEN gone.path IS NOT NULL THEN 'moved' WHEN NOT net.was_there THEN 'added' WHEN NOT net.is_there THEN 'removed'
        WHEN net.size_bytes <> net.before_size_bytes
            THEN CASE WHEN net.size_bytes > net.before_size_bytes THEN 'grown' ELSE 'shrunk' END
        WHEN net.allocated_bytes > net.before_allocated_bytes THEN 'grown'
        WHEN net.allocated_bytes < net.before_allocated_bytes THEN 'shrunk'
        ELSE 'changed' END AS kind,
    net.moved_from, {after}, {before}
FROM net
LEFT JOIN (SELECT * FROM net WHERE NOT is_there) AS gone ON gone.share = net.share AND gone.path = net.moved_from
LEFT JOIN (SELECT share, path, moved_from FROM net WHERE NOT was_there) AS came
    ON came.share = net.share AND came.moved_from = net.path
WHERE came.path IS NULL OR net.is_there
