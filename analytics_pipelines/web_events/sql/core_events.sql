-- Events of $day with what is known of their agents, arrivals and networks. A visitor that we derived is named by the
-- hash of the event's own day, where the event carries it, so that a day's events of one visitor have one name.
WITH named AS (
    SELECT
        *,
        CAST(received_at AT TIME ZONE 'UTC' AS DATE) AS receipt_date,
        CAST(CAST($day AS DATE) + INTERVAL '1' DAY AS DATE) AS next_date
    FROM ({events_of_the_day}) AS events
)
SELECT
    $day AS event_date,
    named.site_id,
    named.event_id,
    named.happened_at AS event_at,
    named.received_at,
    named.event_type,
    CASE
        WHEN named.receipt_date = named.next_date THEN COALESCE(named.visitor_id_before, named.visitor_id)
        ELSE named.visitor_id
    END AS visitor_id,
    CASE WHEN named.receipt_date = $day THEN named.visitor_id_before END AS visitor_id_before,
    named.session_id,
    named.url,
    named.referrer,
    named.title,
    named.user_agent,
    named.host,
    CASE
        WHEN COALESCE(named.path, named.url) IS NOT NULL
        THEN COALESCE(NULLIF(REGEXP_EXTRACT(
            COALESCE(named.path, named.url), '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?([^?#]*)', 1
        ), ''), '/')
    END AS path,
    arrivals.source,
    arrivals.medium,
    arrivals.campaign,
    arrivals.channel,
    named.referrer_host,
    networks.country,
    agents.device,
    agents.browser,
    agents.os,
    LOWER(named.event_type) IN ('pageview', 'page_view', 'page') AS is_pageview,
    LOWER(named.event_type) IN ('pageview', 'page_view', 'page')
    OR COALESCE(JSON_EXTRACT_STRING(named.payload, '$.interactive'), 'true') <> 'false' AS is_interactive,
    agents.is_bot,
    named.source AS intake,
    named.payload,
    named.flags
FROM named
LEFT JOIN agents
    ON agents.agent = named.agent
LEFT JOIN networks
    ON networks.network = named.network
LEFT JOIN arrivals
    ON arrivals.utm = named.utm
   AND arrivals.utm_query = named.utm_query
   AND arrivals.clicks = named.clicks
   AND arrivals.referred_by = named.referred_by
   AND arrivals.is_internal = named.is_internal
