WITH page AS ({page}),
members AS (
    SELECT page.size, page.hint, files.share, files.pre, files.path, files.modified_at,
        CASE WHEN {is_stand_in} THEN row_number() OVER (
            PARTITION BY page.size, page.hint, files.content_hash ORDER BY files.share, files.pre
        ) ELSE 1 END AS place
    FROM page
    JOIN ({files}) AS files ON files.size_bytes = page.size AND files.{column} = page.hint
    WHERE page.level = $of_level
),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY size, hint ORDER BY share, pre) AS number
    FROM members WHERE place = 1
)
SELECT size, hint, share, path, modified_at
FROM numbered
WHERE number <= $most_paths
ORDER BY size, hint, number
