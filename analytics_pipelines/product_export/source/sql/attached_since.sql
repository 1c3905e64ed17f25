-- All that lies below the table, and whether it, or what it lies below, was attached since.
WITH RECURSIVE below (oid, is_new) AS (
    SELECT inhrelid, age(xmin) BETWEEN 0 AND age(%(first)s::xid)
    FROM pg_inherits
    WHERE inhparent = %(table)s
    UNION
    SELECT
        child.inhrelid,
        below.is_new OR age(child.xmin) BETWEEN 0 AND age(%(first)s::xid)
    FROM pg_inherits AS child
    JOIN below ON child.inhparent = below.oid
)

SELECT DISTINCT oid FROM below WHERE is_new ORDER BY oid
