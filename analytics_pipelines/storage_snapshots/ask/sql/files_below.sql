SELECT *, CAST({taken_at} AS TIMESTAMP WITH TIME ZONE) AS taken_at, CAST({since} AS TIMESTAMP WITH TIME ZONE) AS since_at
FROM ({entries}) AS entries
WHERE type <> 'd' AND share = {share} AND ({within})
