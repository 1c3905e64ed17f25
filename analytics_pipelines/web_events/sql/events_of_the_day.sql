-- Events that happened on $day, each once, with what is told of their addresses and campaigns.
WITH happened AS ({happened}),
chosen AS (
    SELECT
        happened.*,
        NULLIF(RTRIM(REGEXP_EXTRACT(
            LOWER(url), '^[a-z][a-z0-9+.-]*://(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^\[\]/?#:]+)', 1
        ), '.'), '') AS host,
        NULLIF(RTRIM(REGEXP_EXTRACT(
            LOWER(referrer), '^[a-z][a-z0-9+.-]*://(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^\[\]/?#:]+)', 1
        ), '.'), '') AS referrer_host,
        COALESCE(REGEXP_EXTRACT(url, '\?([^#]*)', 1), '') AS query
    FROM happened
    LEFT JOIN repeated_events AS repeated
        ON repeated.site_id = happened.site_id
       AND repeated.event_id = happened.event_id
    WHERE CAST(happened_at AT TIME ZONE 'UTC' AS DATE) = $day
      AND happened.received_at = COALESCE(repeated.first_received_at, happened.received_at)
)
SELECT
    *,
    COALESCE(user_agent, '') AS agent,
    COALESCE(client_address, '') AS network,
    COALESCE(JSON_EXTRACT_STRING(payload, '$.attribution.utmParams'), '') AS utm,
    CASE
        WHEN query LIKE '%utm_%'
        THEN ARRAY_TO_STRING(REGEXP_EXTRACT_ALL(query, '\butm_(?:source|medium|campaign)=[^&]*'), '&')
        ELSE ''
    END AS utm_query,
    CASE
        WHEN LOWER(query) LIKE '%id=%' OR LOWER(query) LIKE '%epik=%'
        THEN ARRAY_TO_STRING(REGEXP_EXTRACT_ALL(LOWER('&' || query), $click_pattern, 1), ',')
        ELSE ''
    END AS clicks,
    COALESCE(referrer_host, '') AS referred_by,
    COALESCE(
        REGEXP_REPLACE(referrer_host, '^www\.', '') IN (REGEXP_REPLACE(COALESCE(host, ''), '^www\.', ''), LOWER(site_id)),
        FALSE
    ) AS is_internal
FROM chosen
