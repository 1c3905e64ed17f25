-- First and last event of each visit, brought together; the visit of a single event has both in one row. What went on
-- from the day before is no visit of $day, unless the two-day rule cuts it there.
WITH edges AS (
    SELECT
        *,
        CASE WHEN is_last = 1 THEN event_at ELSE LEAD(event_at) OVER visitor END AS ended_at,
        CASE WHEN is_last = 1 THEN event_number ELSE LEAD(event_number) OVER visitor END AS end_number,
        CASE WHEN is_last = 1 THEN pages_so_far ELSE LEAD(pages_so_far) OVER visitor END AS end_pages,
        CASE WHEN is_last = 1 THEN interactive_so_far ELSE LEAD(interactive_so_far) OVER visitor END AS end_interactive,
        CASE WHEN is_last = 1 THEN bots_so_far ELSE LEAD(bots_so_far) OVER visitor END AS end_bots,
        CASE WHEN is_last = 1 THEN conversions_so_far ELSE LEAD(conversions_so_far) OVER visitor END AS end_conversions,
        CASE WHEN is_last = 1 THEN last_page ELSE LEAD(last_page) OVER visitor END AS end_page
    FROM spaced
    WHERE is_first = 1 OR is_last = 1
    WINDOW visitor AS (PARTITION BY visitor_number ORDER BY event_number)
)
SELECT
    edges.site_id,
    edges.event_id,
    edges.ended_at,
    edges.end_number - edges.event_number + 1 AS events,
    edges.end_pages - edges.pages_so_far + CASE WHEN edges.page IS NULL THEN 0 ELSE 1 END AS pageviews,
    edges.end_interactive - edges.interactive_so_far + edges.is_interactive AS interactive_events,
    edges.end_conversions - edges.conversions_so_far + edges.is_conversion AS conversions,
    edges.end_bots - edges.bots_so_far + edges.is_bot > 0 AS is_bot,
    edges.next_page AS entry_page,
    edges.end_page AS exit_page,
    COALESCE(day_before.is_unbroken, FALSE) AS is_cut
FROM edges
LEFT JOIN (SELECT visitor_number, is_unbroken FROM full_days WHERE event_date < $day) AS day_before
    ON day_before.visitor_number = CASE WHEN edges.event_number = 1 THEN edges.visitor_number END
WHERE edges.is_first = 1
  AND edges.event_at < CAST($day AS TIMESTAMP) AT TIME ZONE 'UTC' + INTERVAL '1' DAY
  AND COALESCE(day_before.is_unbroken, TRUE)
