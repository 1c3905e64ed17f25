WITH once AS (
{files}
),
-- Days are taken off each share's time once, not for each file.
taken AS (
    SELECT share, taken_at, {limits} FROM snapshots
),
told AS (
    SELECT once.share, type, coalesce(extension, '') AS extension,
        coalesce(owner_name, CAST(uid AS VARCHAR), '') AS owner, coalesce(group_name, CAST(gid AS VARCHAR), '') AS team,
        {size_bin} AS size_bin, {modified_age} AS modified_age, {accessed_age} AS accessed_age,
        greatest(coalesce(size_bytes, 0), 0) AS size_bytes,
        greatest(coalesce(allocated_bytes, 0), 0) AS allocated_bytes
    FROM once
    LEFT JOIN taken ON taken.share = once.share
),
files AS (
    SELECT share, type, extension, owner, team, size_bin, modified_age, accessed_age, count(*) AS file_count,
        sum(size_bytes) AS size_bytes, sum(allocated_bytes) AS allocated_bytes
    FROM told
    GROUP BY share, type, extension, owner, team, size_bin, modified_age, accessed_age
),
parts AS (
    SELECT share, 'type' AS dimension, type AS value, file_count, size_bytes, allocated_bytes FROM files
    UNION ALL SELECT share, 'extension', extension, file_count, size_bytes, allocated_bytes FROM files
    UNION ALL SELECT share, 'owner', owner, file_count, size_bytes, allocated_bytes FROM files
    UNION ALL SELECT share, 'group', team, file_count, size_bytes, allocated_bytes FROM files
    UNION ALL SELECT share, 'size_bin', size_bin, file_count, size_bytes, allocated_bytes FROM files
    UNION ALL SELECT share, 'modified_age', modified_age, file_count, size_bytes, allocated_bytes FROM files
    UNION ALL SELECT share, 'accessed_age', accessed_age, file_count, size_bytes, allocated_bytes FROM files
),
days AS (
    SELECT share, min(snapshot_date) AS snapshot_date FROM entries GROUP BY share
)
SELECT parts.share, days.snapshot_date, dimension, value, sum(file_count) AS file_count,
    least(sum(size_bytes), 9223372036854775807) AS size_bytes,
    least(sum(allocated_bytes), 9223372036854775807) AS allocated_bytes
FROM parts
JOIN days ON days.share = parts.share
GROUP BY parts.share, days.snapshot_date, dimension, value
