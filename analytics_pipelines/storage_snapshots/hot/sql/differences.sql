-- A folder that came, went or moved stands for all in it that did the same. Joined by equal columns alone: with any
-- other condition an outer join compares each row with each.
SELECT listed.share, listed.path, listed.depth, listed.kind, listed.is_folder, above.path IS NULL AS is_shown,
    CASE WHEN listed.kind = 'moved' THEN greatest(listed.size_bytes, listed.before_size_bytes)
        ELSE abs(listed.size_bytes - listed.before_size_bytes) END AS weight,
    listed.type, listed.size_bytes, listed.before_size_bytes, listed.allocated_bytes, listed.before_allocated_bytes,
    listed.file_count, listed.before_file_count, listed.dir_count, listed.before_dir_count, listed.modified_at,
    listed.before_modified_at, listed.moved_from
FROM (
    SELECT *, CASE WHEN kind <> 'moved' THEN '' WHEN ends_with(moved_from, '/' || name)
        THEN substr(moved_from, 1, length(moved_from) - length(name) - 1) END AS origin
    FROM listed
) AS listed
LEFT JOIN (
    SELECT share, path, kind, CASE WHEN kind = 'moved' THEN moved_from ELSE '' END AS origin
    FROM listed WHERE is_folder AND kind IN ('added', 'removed', 'moved')
) AS above
    ON above.share = listed.share AND above.path = listed.parent_path AND above.kind = listed.kind
    AND above.origin = listed.origin
