-- How many entries pass filters, and the sum of their sizes.
SELECT count(*) AS entry_count, coalesce(sum(size_bytes), 0) AS size_bytes, coalesce(sum(allocated_bytes), 0) AS allocated_bytes
FROM {source} AS entries
WHERE {conditions}
