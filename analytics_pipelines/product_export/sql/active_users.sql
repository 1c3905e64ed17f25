SELECT
    users.id AS user_id,
    users.email,
    users.full_name,
    count(items.id) AS item_count
FROM core_app__users AS users
LEFT JOIN core_app__items AS items
    ON items.owner_id = users.id
   AND items.export_date = users.export_date
WHERE users.is_active
  AND users.export_date = coalesce(
    (
        SELECT max(export_date)
        FROM core_app__items
        WHERE export_date IN (SELECT export_date FROM core_app__users)
    ),
    (SELECT max(export_date) FROM core_app__users)
  )
GROUP BY users.id, users.email, users.full_name
ORDER BY item_count DESC, users.email, users.id
LIMIT $most
