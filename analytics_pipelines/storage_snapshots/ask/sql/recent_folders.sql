WITH parents AS (
    SELECT share, parent_pre, count(*) AS file_count, count(CASE WHEN born_at > since_at THEN 1 END) AS new_count,
        sum(greatest(coalesce(size_bytes, 0), 0)) AS size, sum(greatest(coalesce(allocated_bytes, 0), 0)) AS allocated,
        max(modified_at) AS latest
    FROM ({files}) AS files
    GROUP BY share, parent_pre
    ORDER BY allocated DESC, file_count DESC, share, parent_pre
    LIMIT $most_folders
)
SELECT parents.share, folders.path, parents.file_count, new_count, size, allocated, latest
FROM parents
JOIN ({folders}) AS folders ON folders.share = parents.share AND folders.pre = parents.parent_pre
ORDER BY allocated DESC, parents.file_count DESC, parents.share, parents.parent_pre
