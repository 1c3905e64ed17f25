-- Where one entry stands.
SELECT position, folded_name, share, pre
FROM {names} AS names
WHERE position = $position
