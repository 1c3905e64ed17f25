-- Which relation has that name, what it is, and what the role may do with it.
SELECT
    c.oid,
    CAST(c.relkind AS text) AS kind,
    has_schema_privilege(n.oid, 'USAGE') AS may_enter,
    has_table_privilege(c.oid, 'SELECT') AS may_read,
    row_security_active(c.oid) AS is_row_secured,
    CAST(current_user AS text) AS role
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relname = %(table)s
