-- Types that the columns' types are made of, down to the last; then whether one of these, or a column, is new.
WITH RECURSIVE types (oid) AS (
    SELECT atttypid FROM pg_attribute WHERE attrelid = %(table)s AND attnum > 0 AND NOT attisdropped
    UNION
    SELECT part.oid
    FROM types
    JOIN pg_type AS whole ON whole.oid = types.oid
    CROSS JOIN LATERAL (
        SELECT whole.typelem
        UNION ALL
        SELECT whole.typbasetype
        UNION ALL
        SELECT rngsubtype FROM pg_range WHERE whole.oid IN (rngtypid, rngmultitypid)
        UNION ALL
        SELECT atttypid FROM pg_attribute WHERE attrelid = whole.typrelid AND attnum > 0 AND NOT attisdropped
    ) AS part (oid)
    WHERE part.oid <> 0
),

rows_of (oid) AS (
    SELECT %(table)s::oid
    UNION
    SELECT typrelid FROM pg_type JOIN types USING (oid) WHERE typrelid <> 0
),

news (told, xmin) AS (
    SELECT 'a column was altered', pg_attribute.xmin FROM pg_attribute JOIN rows_of ON attrelid = rows_of.oid
    WHERE attnum > 0
    UNION ALL
    SELECT 'an enum was altered', pg_enum.xmin FROM pg_enum JOIN types ON enumtypid = types.oid
)

SELECT told
FROM news
WHERE age(xmin) BETWEEN 0 AND age(%(first)s::xid)
ORDER BY told
LIMIT 1
