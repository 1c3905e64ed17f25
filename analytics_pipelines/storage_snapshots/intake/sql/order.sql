-- Paths in pre-order: '/' becomes the NUL, which can be in no path, so that what is below a folder comes right behind it.
-- The rows come sorted; `is_disordered` proves it. An orphan does not lie in the row before it or in a folder of that one.
SELECT
    number,
    position,
    coalesce(previous > way, false) AS is_disordered,
    is_repeated,
    is_orphan,
    CAST(len(string_split(way, chr(0))) - 1 AS INTEGER) AS slashes,
    CASE WHEN is_orphan OR is_repeated OR position = 1 THEN replace(way, chr(0), '/') END AS path,
    CASE WHEN is_orphan THEN replace(previous, chr(0), '/') END AS before
FROM (
    SELECT
        number,
        position,
        way,
        previous,
        coalesce(previous = way, false) AS is_repeated,
        previous IS NOT NULL AND NOT starts_with(
            concat(previous, chr(0)),
            concat(left(way, length(way) - length(split_part(way, chr(0), -1)) - 1), chr(0))
        ) AS is_orphan
    FROM (
        SELECT number, way, row_number() OVER () AS position, lag(way) OVER () AS previous
        FROM (SELECT number, way FROM (SELECT number, replace(way, '/', chr(0)) AS way FROM ways) AS w ORDER BY way) AS sorted
    ) AS followed
) AS judged
