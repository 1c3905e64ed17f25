-- The relation and all that inherits from it; those that hold no rows of their own are left out.
WITH RECURSIVE tree AS (
    SELECT CAST(%(oid)s AS oid) AS oid, FALSE AS is_leaving
    UNION
    SELECT i.inhrelid, tree.is_leaving OR i.inhdetachpending
    FROM pg_catalog.pg_inherits AS i
    JOIN tree ON tree.oid = i.inhparent
)
SELECT
    CAST(n.nspname AS text) AS schema,
    CAST(c.relname AS text) AS "table",
    c.oid,
    coalesce(pg_relation_size(c.oid), 0) / CAST(current_setting('block_size') AS bigint) AS pages,
    greatest(c.reltuples, 0) AS estimated_rows,
    coalesce(pg_table_size(c.oid), 0) AS size_bytes,
    -- Whether it may be read by ranges of pages, apart from its parent.
    coalesce(m.amname = 'heap', FALSE) AND NOT tree.is_leaving AND NOT row_security_active(c.oid)
        AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS is_readable
FROM tree
JOIN pg_catalog.pg_class AS c ON c.oid = tree.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
WHERE c.relkind NOT IN ('p', 'v')
ORDER BY c.oid <> %(oid)s, n.nspname, c.relname
