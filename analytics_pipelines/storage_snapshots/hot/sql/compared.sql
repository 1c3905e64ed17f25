SELECT places.share, places.snapshot_date, places.kind,
    count(*) FILTER (WHERE NOT found.is_folder) AS file_count, count(*) FILTER (WHERE found.is_folder) AS dir_count,
    coalesce(sum(found.size_bytes), 0) AS size_bytes, coalesce(sum(found.before_size_bytes), 0) AS before_size_bytes,
    coalesce(sum(found.allocated_bytes), 0) AS allocated_bytes,
    coalesce(sum(found.before_allocated_bytes), 0) AS before_allocated_bytes
FROM (
    SELECT snapshots.share, snapshots.snapshot_date, kinds.kind
    FROM ({snapshots}) AS snapshots
    CROSS JOIN (SELECT unnest({kinds}) AS kind) AS kinds
) AS places
LEFT JOIN ({found}) AS found ON found.share = places.share AND found.kind = places.kind
GROUP BY places.share, places.snapshot_date, places.kind
