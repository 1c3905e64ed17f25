-- Counted by owner before addresses are looked at: numbers are quicker to group than texts.
WITH counted AS (
    SELECT owner_id, count(*) AS item_count
    FROM core_app__items
    WHERE export_date = $export_date
    GROUP BY owner_id
)
SELECT
    users.email,
    CAST(sum(counted.item_count) AS BIGINT) AS item_count
FROM counted
JOIN core_app__users AS users
    ON users.id = counted.owner_id
   AND users.export_date = $export_date
GROUP BY users.email
ORDER BY item_count DESC, users.email
LIMIT $most
