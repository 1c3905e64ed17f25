-- Entries of the order of names.
SELECT {entry} AS entry, position
FROM {names} AS names
WHERE {condition}
