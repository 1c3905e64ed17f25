-- Who signed up in each day, week or month.
SELECT
    CAST(date_trunc($unit, created_at AT TIME ZONE 'UTC') AS DATE) AS cohort_date,
    count(*) AS user_count
FROM core_app__users
WHERE export_date = $export_date
  AND CAST(date_trunc($unit, created_at AT TIME ZONE 'UTC') AS DATE) BETWEEN $first_date AND $last_date
GROUP BY 1
ORDER BY 1
