-- A raw day without the rows of one visitor.
SELECT *
FROM raw
WHERE NOT (
    site_id = $site_id
    AND (
        LIST_CONTAINS($visitor_ids, visitor_id)
        OR COALESCE(LIST_CONTAINS($visitor_ids, visitor_id_before), FALSE)
    )
)
