-- Each site's limits: of the day before $day, of $day and of the day after. The gap before an event is judged by the
-- limit of the event's own day.
SELECT
    site_id,
    COALESCE(MAX(CASE WHEN event_date < $day THEN gap_limit_s END), $gap_limit_s) * INTERVAL '1' SECOND AS limit_before,
    COALESCE(MAX(CASE WHEN event_date = $day THEN gap_limit_s END), $gap_limit_s) * INTERVAL '1' SECOND AS gap_limit,
    COALESCE(MAX(CASE WHEN event_date > $day THEN gap_limit_s END), $gap_limit_s) * INTERVAL '1' SECOND AS limit_after
FROM core_web__sites
GROUP BY site_id
