SELECT
    items.export_date,
    items.id,
    items.owner_id,
    users.id IS NOT NULL AS has_owner,
    trim(items.title) AS title,
    nullif(trim(items.description), '') AS description,
    items.created_at,
    items.updated_at
FROM raw_items AS items
LEFT JOIN core_users AS users
    ON users.id = items.owner_id
   AND users.export_date = items.export_date
