-- How many blocks of names there are, and whether any name of three characters or more has the long s (383).
SELECT
    (SELECT coalesce(max(block) + 1, 0) FROM hot_fs__names) AS block_count,
    EXISTS (
        SELECT 1
        FROM hot_fs__grams
        WHERE gram & 2097151 = 383 OR (gram >> 21) & 2097151 = 383 OR gram >> 42 = 383
    ) AS has_long_s
