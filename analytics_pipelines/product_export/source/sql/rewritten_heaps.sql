-- PostgreSQL. Heaps whose file is another now than in the transaction's snapshot: the catalog's row is of the snapshot,
-- the function looks at what has been committed since. A few of the catalog's own tables have no file number there.
SELECT oid
FROM pg_catalog.pg_class
WHERE oid = ANY (%(heaps)s)
  AND relfilenode <> 0
  AND relfilenode <> pg_relation_filenode(oid)
