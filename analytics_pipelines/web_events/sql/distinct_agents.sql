-- Each agent of the day's events once.
SELECT DISTINCT agent
FROM ({events_of_the_day}) AS events
