"""Events of the lake's own table, made up so that questions have something to count: the same number, the same rows."""

from datetime import date, timedelta

from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.web_events.tables import CORE_EVENTS

FIRST_DAY = date(2026, 11, 1)
MADE = Sql("""
SELECT
    $day AS event_date,
    'site-' || n * n % 7 AS site_id,
    'event-' || n AS event_id,
    CAST($day AS TIMESTAMPTZ) + INTERVAL 1 MILLISECOND * (n * 7919 % 86400000) AS event_at,
    event_at + INTERVAL 1 SECOND AS received_at,
    CASE n % 10 WHEN 0 THEN 'signup' WHEN 1 THEN 'search' ELSE 'pageview' END AS event_type,
    'visitor-' || n * 104729 % 4999 AS visitor_id,
    CAST(NULL AS VARCHAR) AS visitor_id_before,
    'session-' || n * 104729 % 9973 AS session_id,
    'https://example.org/' || CASE n % 11 WHEN 0 THEN 'google' ELSE 'page' END || '/' || n * 31 % 997 AS url,
    CASE n % 3 WHEN 0 THEN NULL ELSE 'https://www.news-' || n % 13 || '.example.net/story/' || n % 101 END AS referrer,
    CASE n % 17 WHEN 0 THEN 'About Google' ELSE 'Page ' || n % 997 END AS title,
    'Mozilla/5.0 (X11; Linux x86_64; rv:' || n % 40 + 100 || '.0)' AS user_agent,
    'example.org' AS host,
    '/page/' || n * 31 % 997 AS path,
    ['direct', 'google', 'news', 'mail'][n % 4 + 1] AS source,
    [NULL, 'organic', 'referral', 'email'][n % 4 + 1] AS medium,
    CASE n % 5 WHEN 0 THEN 'campaign ' || n % 29 END AS campaign,
    ['Direct', 'Organic Search', 'Referral', 'Email'][n % 4 + 1] AS channel,
    CASE n % 3 WHEN 0 THEN NULL ELSE 'news-' || n % 13 || '.example.net' END AS referrer_host,
    ['DE', 'FR', 'US', 'BR', NULL][n % 5 + 1] AS country,
    ['desktop', 'mobile', 'tablet'][n % 3 + 1] AS device,
    ['Firefox', 'Chrome', 'Safari', NULL][n * 7 % 4 + 1] AS browser,
    ['Linux', 'Android', 'iOS'][n % 3 + 1] AS os,
    event_type = 'pageview' AS is_pageview,
    n % 10 > 1 AS is_interactive,
    n % 53 = 0 AS is_bot,
    'collect' AS intake,
    '{"width":' || [360, 768, 1440, 1920][n % 4 + 1] || ',"height":' || [640, 1024, 900, 1080][n % 4 + 1]
        || ',"engine":' || n % 6 || CASE n % 10 WHEN 1 THEN ',"phrase":"words ' || n % 211 || '"' ELSE '' END
        || '}' AS payload,
    '' AS flags
FROM (SELECT range + $from AS n FROM range($rows))
""")


def store_events(lake: Lake, *, days: int, rows_a_day: int) -> None:
    """Replace the first days of November 2026 by made-up events."""
    for number in range(days):
        day = FIRST_DAY + timedelta(days=number)
        values = {"day": day, "from": number * rows_a_day, "rows": rows_a_day}
        lake.replace(CORE_EVENTS, day, Select(MADE, values=values))
