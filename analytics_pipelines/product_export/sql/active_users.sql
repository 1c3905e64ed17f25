WITH counted AS (
    SELECT owner_id, count(*) AS item_count
    FROM core_app__items
    WHERE export_date = $export_date
    GROUP BY owner_id
)
SELECT
    users.id AS user_id,
    users.email,
    users.full_name,
    coalesce(counted.item_count, 0) AS item_count
FROM core_app__users AS users
LEFT JOIN counted
    ON counted.owner_id = users.id
WHERE users.is_active
  AND users.export_date = $export_date
ORDER BY item_count DESC, users.email, users.id
LIMIT $most
