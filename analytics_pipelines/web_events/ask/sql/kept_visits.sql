-- The visits that began in the span and pass the filters.
SELECT *
FROM visits
WHERE ({has_bots} OR NOT is_bot)
  AND {within}
  AND {passes}
