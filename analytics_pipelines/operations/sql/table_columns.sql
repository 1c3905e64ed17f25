-- PostgreSQL's own catalog. The information schema would show the same, and take ten times as long.
SELECT
    space.nspname AS schema_name,
    relation.relname AS table_name,
    attribute.attname AS column_name
FROM pg_catalog.pg_attribute AS attribute
JOIN pg_catalog.pg_class AS relation
    ON relation.oid = attribute.attrelid
JOIN pg_catalog.pg_namespace AS space
    ON space.oid = relation.relnamespace
WHERE space.nspname = ANY(:schemas)
  AND relation.relkind IN ('r', 'p')
  AND NOT relation.relispartition
  AND attribute.attnum > 0
  AND NOT attribute.attisdropped
