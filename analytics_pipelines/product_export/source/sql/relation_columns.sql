-- Columns in their order; a domain's type is followed down to the type below all domains.
WITH RECURSIVE below AS (
    SELECT a.attnum, a.atttypid AS type_oid, a.atttypmod AS modifier
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = %(oid)s AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT b.attnum, t.typbasetype, t.typtypmod
    FROM below AS b
    JOIN pg_catalog.pg_type AS t ON t.oid = b.type_oid
    WHERE t.typtype = 'd'
)
SELECT
    CAST(a.attname AS text) AS name,
    format_type(a.atttypid, a.atttypmod) AS declared,
    CAST(n.nspname AS text) AS type_schema,
    CAST(t.typname AS text) AS type_name,
    -- Of an array, what its elements are.
    CAST(coalesce(e.typtype, t.typtype) AS text) AS type_kind,
    t.typcategory = 'A' AS is_array,
    b.modifier AS type_modifier,
    coalesce(CAST(x.extname AS text), '') AS extension,
    CASE WHEN t.oid <> a.atttypid THEN format_type(a.atttypid, NULL) ELSE '' END AS domain,
    -- Since 18 a promise may not have been checked yet.
    NOT a.attnotnull OR EXISTS (
        SELECT 1 FROM pg_catalog.pg_constraint AS p
        WHERE p.conrelid = a.attrelid AND p.contype = 'n' AND p.conkey = ARRAY[a.attnum] AND NOT p.convalidated
    ) AS is_nullable,
    CAST(a.attnum AS integer) AS number,
    coalesce(col_description(a.attrelid, a.attnum), '') AS comment,
    has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS may_read
FROM below AS b
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = %(oid)s AND a.attnum = b.attnum
JOIN pg_catalog.pg_type AS t ON t.oid = b.type_oid AND t.typtype <> 'd'
LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
JOIN pg_catalog.pg_namespace AS n ON n.oid = coalesce(e.typnamespace, t.typnamespace)
LEFT JOIN pg_catalog.pg_depend AS d
    ON d.classid = CAST('pg_catalog.pg_type' AS regclass) AND d.objid = coalesce(e.oid, t.oid) AND d.deptype = 'e'
LEFT JOIN pg_catalog.pg_extension AS x ON x.oid = d.refobjid
ORDER BY a.attnum
