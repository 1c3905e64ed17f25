SELECT pairs.share, pairs.previous_date, after.path IS NOT NULL AS is_there, earlier.path IS NOT NULL AS was_there,
    {whereabouts}, {after}, {before}
FROM after_rows AS after
FULL JOIN (SELECT * FROM earlier_rows UNION ALL BY NAME SELECT * FROM known) AS earlier
    ON earlier.share = after.share AND earlier.path = after.path
JOIN pairs ON pairs.share = coalesce(after.share, earlier.share)
WHERE (earlier.path IS NULL OR after.path IS NOT NULL OR NOT earlier.is_hidden)
    AND (earlier.path IS NULL OR after.path IS NULL OR {differs})
