-- Equal hashes of equal sizes are the same content. Where a hash is missing, an equal size and name only hint at it,
-- and what hashes tell apart counts as kept. Where nothing was hashed only one part reads the files.
WITH named AS (
    SELECT size_bytes, name, count(*) AS files, min(allocated) AS allocated
    FROM ({candidates}) AS candidates GROUP BY size_bytes, name HAVING count(*) > 1
),
told_apart AS (
    SELECT size_bytes, name, greatest(count(DISTINCT prefix_hash), count(DISTINCT content_hash)) AS contents
    FROM ({candidates}) AS candidates WHERE prefix_hash IS NOT NULL OR content_hash IS NOT NULL
    GROUP BY size_bytes, name
),
found AS (
    SELECT 'identical' AS level, size_bytes, content_hash AS hint, count(*) AS files, 1 AS kept,
        min(coalesce(allocated_bytes, size_bytes)) AS allocated
    FROM ({files}) AS files WHERE content_hash IS NOT NULL
    GROUP BY size_bytes, content_hash HAVING count(*) > 1
    UNION ALL
    SELECT 'potential' AS level, named.size_bytes, named.name AS hint, named.files,
        greatest(1, coalesce(told_apart.contents, 0)) AS kept, named.allocated
    FROM named
    LEFT JOIN told_apart ON told_apart.size_bytes = named.size_bytes AND told_apart.name = named.name
)
SELECT level, size_bytes AS size, hint, files, kept, greatest(allocated, 0) AS allocated,
    CAST(least(CAST(files - kept AS HUGEINT) * greatest(allocated, 0), 9223372036854775807) AS BIGINT) AS reclaimable
FROM found
WHERE files > kept AND ({level})
