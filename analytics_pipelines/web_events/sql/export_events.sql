-- PostgreSQL. $1 is the UTC day of receipt; every type is cast to one that Parquet has exactly.
SELECT
    CAST($1 AS date) AS received_date,
    CAST(site_id AS text) AS site_id,
    CAST(event_id AS text) AS event_id,
    CAST(received_at AS timestamptz) AS received_at,
    CAST(event_type AS text) AS event_type,
    CAST(visitor_id AS text) AS visitor_id,
    CAST(visitor_id_before AS text) AS visitor_id_before,
    CAST(event_at AS timestamptz) AS event_at,
    CAST(sent_at AS timestamptz) AS sent_at,
    CAST(session_id AS text) AS session_id,
    CAST(url AS text) AS url,
    CAST(referrer AS text) AS referrer,
    CAST(title AS text) AS title,
    CAST(user_agent AS text) AS user_agent,
    CAST(path AS text) AS path,
    CAST(client_address AS text) AS client_address,
    CAST(source AS text) AS source,
    CAST(payload AS text) AS payload,
    array_to_string(flags, ',') AS flags
FROM web_events.event_log
WHERE received_at >= CAST(CAST($1 AS date) AS timestamp) AT TIME ZONE 'UTC'
  AND received_at < CAST(CAST($1 AS date) + 1 AS timestamp) AT TIME ZONE 'UTC'
