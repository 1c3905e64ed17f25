SELECT share, {value} AS value, count(*) AS file_count, sum(greatest(coalesce(size_bytes, 0), 0)) AS size,
    sum(greatest(coalesce(allocated_bytes, 0), 0)) AS allocated
FROM ({files}) AS files
GROUP BY share, {value}
