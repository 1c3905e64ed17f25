-- How many names there are.
SELECT count(*) AS names FROM {names} AS names
