WITH compared AS (
    SELECT coalesce(later.share, earlier.share) AS share, coalesce(later.path, earlier.path) AS path,
        coalesce(later.is_top, earlier.is_top) AS is_top,
        earlier.path IS NULL AS is_new, later.path IS NULL AS is_gone,
        coalesce(earlier.file_count, 0) AS files_before, coalesce(later.file_count, 0) AS files,
        coalesce(earlier.size_bytes, 0) AS size_before, coalesce(later.size_bytes, 0) AS size,
        coalesce(earlier.allocated_bytes, 0) AS allocated_before, coalesce(later.allocated_bytes, 0) AS allocated
    FROM ({later}) AS later
    FULL JOIN ({earlier}) AS earlier ON earlier.share = later.share AND earlier.path = later.path
)
SELECT share, path, is_new, is_gone, files_before, files, size_before, size, allocated_before, allocated,
    {measure} - {measure_before} AS change
FROM compared
WHERE {kept} AND ({after})
ORDER BY {place}, share, path
LIMIT $rows
