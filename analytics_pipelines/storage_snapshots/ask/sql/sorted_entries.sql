-- Entries that pass filters, in the order asked for, each with its sort key.
SELECT {entry} AS entry, {keys}
FROM {source} AS entries
WHERE {conditions}
ORDER BY {order}
LIMIT $limit
