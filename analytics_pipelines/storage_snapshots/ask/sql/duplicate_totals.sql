SELECT level, count(*) AS groups, sum(files) AS files, sum(CAST(reclaimable AS HUGEINT)) AS reclaimable
FROM duplicate_groups
GROUP BY level
ORDER BY level
