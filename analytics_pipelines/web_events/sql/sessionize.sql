-- Visits that start on $day, by the rule in sessionize.py. One total order numbers a visitor's events.
WITH spaced AS (
    SELECT
        *,
        ROW_NUMBER() OVER visitor AS event_number,
        LAG(event_at) OVER visitor AS previous_at,
        LAG(event_date) OVER visitor AS previous_date
    FROM core_web__events
    WINDOW visitor AS (PARTITION BY site_id, visitor_id ORDER BY event_at, received_at, event_id)
),
told AS (
    SELECT
        *,
        previous_at IS NULL OR event_at > previous_at + $gap_limit_s * INTERVAL '1' SECOND AS is_after_gap,
        previous_date IS NULL OR previous_date <> event_date AS is_first_of_day
    FROM spaced
),
unbroken AS (
    SELECT site_id, visitor_id, CAST(event_date + INTERVAL '1' DAY AS DATE) AS next_date
    FROM told
    GROUP BY site_id, visitor_id, event_date
    HAVING MIN(event_at) <= CAST(event_date AS TIMESTAMP) AT TIME ZONE 'UTC' + $gap_limit_s * INTERVAL '1' SECOND
       AND MAX(CASE WHEN is_after_gap AND NOT is_first_of_day THEN 1 ELSE 0 END) = 0
),
started AS (
    SELECT told.*, is_first_of_day AND NOT is_after_gap AND unbroken.next_date IS NOT NULL AS is_cut
    FROM told
    LEFT JOIN unbroken
        ON unbroken.site_id = told.site_id
       AND unbroken.visitor_id = told.visitor_id
       AND unbroken.next_date = told.event_date
),
numbered AS (
    SELECT
        *,
        SUM(CASE WHEN is_after_gap OR is_cut THEN 1 ELSE 0 END) OVER (
            PARTITION BY site_id, visitor_id
            ORDER BY event_number
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS visit_number
    FROM started
),
visits AS (
    SELECT
        site_id,
        visitor_id,
        MIN(event_date) AS visit_date,
        MIN(event_at) AS started_at,
        MAX(event_at) AS ended_at,
        COUNT(*) AS events,
        SUM(CASE WHEN is_pageview THEN 1 ELSE 0 END) AS pageviews,
        SUM(CASE WHEN is_interactive THEN 1 ELSE 0 END) AS interactive_events,
        MAX(CASE WHEN is_bot THEN 1 ELSE 0 END) = 1 AS is_bot,
        MIN_BY(is_cut, event_number) AS is_cut,
        MIN_BY(event_id, event_number) AS first_event_id,
        MIN_BY(COALESCE(session_id, ''), event_number) AS client_session_id,
        MIN_BY(COALESCE(host, ''), event_number) AS host,
        MIN_BY(COALESCE(referrer_host, ''), event_number) AS referrer_host,
        MIN_BY(COALESCE(path, ''), CASE WHEN is_pageview THEN event_number END) AS entry_page,
        MAX_BY(COALESCE(path, ''), CASE WHEN is_pageview THEN event_number END) AS exit_page
    FROM numbered
    GROUP BY site_id, visitor_id, visit_number
    HAVING MIN(event_date) = $day
)
SELECT
    visit_date, site_id, visitor_id, started_at, ended_at, events, pageviews, is_bot, is_cut,
    MD5(
        CAST(LENGTH(site_id) AS VARCHAR) || ':' || site_id
        || CAST(LENGTH(visitor_id) AS VARCHAR) || ':' || visitor_id || first_event_id
    ) AS session_id,
    DATE_DIFF('microsecond', started_at, ended_at) // 1000000 AS duration_s,
    interactive_events = 1 AS is_bounce,
    pageviews >= 2 OR ended_at >= started_at + INTERVAL '10' SECOND AS is_engaged,
    NULLIF(client_session_id, '') AS client_session_id,
    NULLIF(entry_page, '') AS entry_page,
    NULLIF(exit_page, '') AS exit_page,
    NULLIF(referrer_host, '') AS referrer_host,
    CASE WHEN referrer_host IN ('', host) THEN 'direct' ELSE REGEXP_REPLACE(referrer_host, '^www\.', '') END AS source
FROM visits
