-- What tells rows apart: the primary key first, then the shortest unique index without conditions and expressions.
SELECT array_agg(CAST(a.attname AS text) ORDER BY k.position) AS columns
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, position)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = %(oid)s AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    AND k.position <= i.indnkeyatts
GROUP BY i.indexrelid, i.indisprimary, c.relname
ORDER BY i.indisprimary DESC, count(*), c.relname
