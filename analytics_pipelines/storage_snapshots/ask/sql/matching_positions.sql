-- Which of some places in the order of names match.
SELECT position
FROM {names} AS names
WHERE {condition}
ORDER BY position
