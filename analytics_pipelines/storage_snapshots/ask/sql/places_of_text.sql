-- Entries in whose name a text ends that their path holds: their folder, and what lies below them if they are folders.
SELECT
    share,
    coalesce(parent_pre, -1) AS folder,
    CASE WHEN type = 'd' THEN pre END AS first,
    last_pre AS last
FROM {names} AS names
WHERE {conditions} AND contains(lower(path), $text)
LIMIT $limit
