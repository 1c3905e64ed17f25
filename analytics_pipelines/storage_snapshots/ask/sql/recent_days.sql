SELECT CAST(modified_at AS DATE) AS modified_date, count(*) AS file_count,
    count(CASE WHEN born_at > since_at THEN 1 END) AS new_count,
    sum(greatest(coalesce(size_bytes, 0), 0)) AS size, sum(greatest(coalesce(allocated_bytes, 0), 0)) AS allocated
FROM ({files}) AS files
GROUP BY CAST(modified_at AS DATE)
ORDER BY modified_date DESC
