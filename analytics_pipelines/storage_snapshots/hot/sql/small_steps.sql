SELECT snapshots.share
FROM ({snapshots}) AS snapshots
LEFT JOIN (
    SELECT share FROM ({changes}) AS changes WHERE change <> 'first'
    UNION ALL
    SELECT share FROM ({directory_changes}) AS directory_changes WHERE change <> 'first'
) AS differing ON differing.share = snapshots.share
GROUP BY snapshots.share
HAVING count(differing.share) <= {most}
ORDER BY snapshots.share
