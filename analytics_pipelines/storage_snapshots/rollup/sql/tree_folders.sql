SELECT pre, last_pre - pre AS reach, coalesce(pre - parent_pre, 0) AS climb FROM entries WHERE type = 'd'
