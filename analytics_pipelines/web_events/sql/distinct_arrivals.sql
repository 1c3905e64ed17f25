-- Each way to arrive of the day's events once.
SELECT DISTINCT utm, utm_query, clicks, referred_by, is_internal
FROM ({events_of_the_day}) AS events
