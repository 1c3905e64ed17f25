SELECT
    users.email,
    count(*) AS item_count
FROM core_app__items AS items
JOIN core_app__users AS users
    ON users.id = items.owner_id
   AND users.export_date = items.export_date
WHERE items.export_date = (
    SELECT max(export_date)
    FROM core_app__items
    WHERE export_date IN (SELECT export_date FROM core_app__users)
)
GROUP BY users.email
ORDER BY item_count DESC, users.email
