-- Names that begin alike stand in one block, so most blocks have few different grams; only those become numbers.
SELECT
    (CAST(ord(substr(three, 1, 1)) AS BIGINT) << 42)
    | (CAST(ord(substr(three, 2, 1)) AS BIGINT) << 21)
    | CAST(ord(substr(three, 3, 1)) AS BIGINT) AS gram,
    block
FROM (
    SELECT DISTINCT substr(folded_name, place, 3) AS three, block
    FROM (
        SELECT folded_name, block, unnest(range(1, length(folded_name) - 1)) AS place
        FROM (SELECT DISTINCT folded_name, block FROM ({names}) AS names)
    )
)
