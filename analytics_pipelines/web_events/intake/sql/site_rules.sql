-- PostgreSQL. What the intake must know of all sites, or of those with one of these ids or keys.
SELECT
    site_id,
    allowed_origins,
    address_mode,
    honours_opt_out,
    write_key,
    visitor_key,
    ARRAY(
        SELECT visitor_digest
        FROM web_events.suppressed_visitor AS suppressed
        WHERE suppressed.site_id = site.site_id
    ) AS suppressed
FROM web_events.site
WHERE %(named)s::text[] IS NULL OR site_id = ANY(%(named)s) OR write_key = ANY(%(named)s)
