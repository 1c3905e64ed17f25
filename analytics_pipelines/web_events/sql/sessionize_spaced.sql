-- Events in order, with running counts of the visitor: what a visit holds is the difference between its last and its
-- first event.
SELECT
    visitor_number,
    site_id,
    event_id,
    event_at,
    page,
    is_interactive,
    is_bot,
    is_conversion,
    CASE WHEN LAG(event_at) OVER visitor >= joins_from_at THEN 0 ELSE 1 END AS is_first,
    CASE WHEN LEAD(joins_from_at) OVER visitor <= event_at THEN 0 ELSE 1 END AS is_last,
    ROW_NUMBER() OVER visitor AS event_number,
    COUNT(page) OVER so_far AS pages_so_far,
    SUM(is_interactive) OVER so_far AS interactive_so_far,
    SUM(is_bot) OVER so_far AS bots_so_far,
    SUM(is_conversion) OVER so_far AS conversions_so_far,
    LAST_VALUE(page IGNORE NULLS) OVER so_far AS last_page,
    FIRST_VALUE(page IGNORE NULLS) OVER (
        PARTITION BY visitor_number
        ORDER BY event_at, received_at, event_id
        ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ) AS next_page
FROM close_events
WINDOW
    visitor AS (PARTITION BY visitor_number ORDER BY event_at, received_at, event_id),
    so_far AS (
        PARTITION BY visitor_number
        ORDER BY event_at, received_at, event_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
