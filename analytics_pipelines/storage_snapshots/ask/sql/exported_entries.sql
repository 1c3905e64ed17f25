-- Entries that pass filters, under the names of the door.
SELECT {columns}
FROM {source} AS entries
WHERE {conditions}
ORDER BY {order}
LIMIT $limit
