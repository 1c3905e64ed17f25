-- Each network of the day's events once.
SELECT DISTINCT network
FROM ({events_of_the_day}) AS events
