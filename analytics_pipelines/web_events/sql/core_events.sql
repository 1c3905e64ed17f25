-- Events that happened on $day, each once; the clock's error of a client that says when it sent is taken out.
WITH received AS (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY site_id, event_id ORDER BY received_at) AS receipt_number,
        LEAST(
            received_at,
            CASE WHEN sent_at IS NULL THEN event_at ELSE received_at - (sent_at - event_at) END
        ) AS happened_at
    FROM raw_web__events
)
SELECT
    CAST(happened_at AT TIME ZONE 'UTC' AS DATE) AS event_date,
    site_id,
    event_id,
    happened_at AS event_at,
    received_at,
    event_type,
    visitor_id,
    session_id,
    url,
    referrer,
    title,
    user_agent,
    NULLIF(REGEXP_EXTRACT(LOWER(url), '^[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)', 1), '') AS host,
    CASE
        WHEN COALESCE(path, url) IS NOT NULL
        THEN COALESCE(
            NULLIF(REGEXP_EXTRACT(COALESCE(path, url), '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?([^?#]*)', 1), ''), '/'
        )
    END AS path,
    NULLIF(REGEXP_EXTRACT(LOWER(referrer), '^[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)', 1), '') AS referrer_host,
    LOWER(event_type) IN ('pageview', 'page_view', 'page') AS is_pageview,
    LOWER(event_type) IN ('pageview', 'page_view', 'page')
    OR COALESCE(JSON_EXTRACT_STRING(payload, '$.interactive'), 'true') <> 'false' AS is_interactive,
    REGEXP_MATCHES(LOWER(COALESCE(user_agent, '')), $robot_pattern) AS is_bot,
    source,
    payload,
    flags
FROM received
WHERE receipt_number = 1
  AND CAST(happened_at AT TIME ZONE 'UTC' AS DATE) = $day
