-- All dimensions of $day, one below the other.
SELECT CAST($day AS DATE) AS metric_date, counted.*
FROM counted
