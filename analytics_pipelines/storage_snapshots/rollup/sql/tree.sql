SELECT CAST(CASE WHEN type = 'd' THEN 0 ELSE coalesce(pre - parent_pre, -1) END AS INTEGER) AS climb FROM entries
