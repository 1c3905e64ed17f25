-- Names of files that have one before in pre-order; positions run on from share to share, as the rows do.
-- Without a count of links, an inode that is met twice is one file.
WITH counts AS (
    SELECT share, count(*) AS entry_count FROM entries GROUP BY share
),
shares AS (
    SELECT share, coalesce(
        sum(entry_count) OVER (ORDER BY share ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0
    ) AS start
    FROM counts
),
names AS (
    SELECT share, pre,
        lag(pre) OVER (PARTITION BY share, device, inode ORDER BY pre) AS before,
        lag(pre) OVER (PARTITION BY share, device, inode, parent_pre ORDER BY pre) AS before_inside
    FROM entries
    WHERE type <> 'd' AND coalesce(link_count, 2) > 1 AND inode IS NOT NULL
)
SELECT
    CAST(shares.start + names.pre AS BIGINT) AS position,
    CAST(shares.start + names.before AS BIGINT) AS before,
    names.before_inside IS NOT NULL AS is_inside
FROM names
JOIN shares ON shares.share = names.share
WHERE names.before IS NOT NULL
ORDER BY position
