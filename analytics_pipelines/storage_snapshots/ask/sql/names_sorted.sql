-- Matches in the order of names, of rows that have another order.
SELECT {entry} AS entry, {folded} AS folded, share, pre
FROM ({source}) AS entries
WHERE {conditions}
ORDER BY folded, share, pre
LIMIT $limit
