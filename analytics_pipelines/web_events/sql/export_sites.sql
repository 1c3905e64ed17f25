-- PostgreSQL.
SELECT
    CAST(site_id AS text) AS site_id,
    CAST(name AS text) AS name,
    CAST(timezone AS text) AS timezone,
    CAST(gap_limit_s AS bigint) AS gap_limit_s,
    CAST(to_jsonb(conversion_events) AS text) AS conversion_events
FROM web_events.site
