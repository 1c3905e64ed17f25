-- Under which name visitors of $day go on on the day after: a visit that began on $day ends there, unless $day is
-- unbroken.
SELECT visitors.visitor_number, visitors.limit_after, names.site_id, names.visitor_id
FROM names_before AS names
JOIN visitors
    ON visitors.site_id = names.site_id
   AND visitors.visitor_id = names.name_before
LEFT JOIN full_days
    ON full_days.visitor_number = visitors.visitor_number
   AND full_days.event_date = $day
WHERE names.event_date > $day
  AND names.first_at <= visitors.last_at + visitors.limit_after
  AND NOT COALESCE(full_days.is_unbroken, FALSE)
