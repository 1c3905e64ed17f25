SELECT {columns}, largest.pre, {measure} AS measured, NULL AS taken_at, NULL AS born_at
FROM ({largest}) AS largest
WHERE measure = $measure AND "rank" <= $most_rank AND {measure} IS NOT NULL AND ({after})
ORDER BY measured DESC, share, pre
LIMIT $rows
