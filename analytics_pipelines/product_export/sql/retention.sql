-- Of those who signed up in each day, week or month, how many made an item in that one and each later one.
SELECT
    CAST(date_trunc($unit, users.created_at AT TIME ZONE 'UTC') AS DATE) AS cohort_date,
    CAST(date_trunc($unit, items.created_at AT TIME ZONE 'UTC') AS DATE) AS period_date,
    count(DISTINCT users.id) AS user_count
FROM core_app__users AS users
JOIN core_app__items AS items
    ON items.owner_id = users.id
   AND items.export_date = users.export_date
   AND items.created_at >= users.created_at
WHERE users.export_date = $export_date
  AND CAST(date_trunc($unit, users.created_at AT TIME ZONE 'UTC') AS DATE) BETWEEN $first_date AND $last_date
GROUP BY 1, 2
ORDER BY 1, 2
