-- Matches in the order of names.
SELECT position, folded_name, share, pre
FROM {names} AS names
WHERE {conditions}
ORDER BY position
LIMIT $limit
