SELECT {columns}, {before}, {day} AS snapshot_date, found.previous_date,
    CASE WHEN NOT is_there THEN 'removed' WHEN was_there THEN 'changed' ELSE 'added' END AS change,
    came.moved_from, gone.moved_to
FROM found
LEFT JOIN moves AS came ON came.share = found.share AND came.moved_to = found.path
LEFT JOIN moves AS gone ON gone.share = found.share AND gone.moved_from = found.path
UNION ALL BY NAME
SELECT {columns}, {day} AS snapshot_date, 'first' AS change
FROM after_entries AS found
JOIN pairs ON pairs.share = found.share AND pairs.previous_date IS NULL
