-- A version holds until the path's next row, or until the share begins anew after too long a time without snapshot.
WITH changed AS ({changes}),
begun AS (
    SELECT share, begun_date, lead(begun_date) OVER (PARTITION BY share ORDER BY begun_date) AS next_begun_date
    FROM (SELECT DISTINCT share, snapshot_date AS begun_date FROM changed WHERE change = 'first') AS firsts
),
versions AS (
    SELECT *, lead(snapshot_date) OVER (PARTITION BY share, path ORDER BY snapshot_date) AS next_date FROM changed
)
SELECT CAST(md5_number_lower(path) >> 1 AS BIGINT) AS path_key, snapshot_date AS valid_from,
    least(next_date, next_begun_date) AS valid_to, versions.*
FROM versions
JOIN begun USING (share)
WHERE snapshot_date >= begun_date AND (next_begun_date IS NULL OR snapshot_date < next_begun_date)
