-- PostgreSQL. Sites by their first event, in order, with the table's defaults and a first version; known ones are left.
-- They have no write key: the Segment API knows them by their id.
WITH made AS (
    INSERT INTO web_events.site (site_id, name, visitor_key, created_at, updated_at)
    SELECT site_id, site_id, decode(visitor_key, 'hex'), %(at)s, %(at)s
    FROM unnest(%(site_ids)s::text[], %(visitor_keys)s::text[]) AS wanted (site_id, visitor_key)
    ORDER BY site_id
    ON CONFLICT DO NOTHING
    RETURNING *
)
INSERT INTO web_events.site_version (site_id, version, settings, changed_by, changed_at)
SELECT
    site_id,
    version,
    jsonb_build_object(
        'name', name, 'timezone', timezone, 'gap_limit_s', gap_limit_s, 'allowed_origins', allowed_origins,
        'retention_days', retention_days, 'address_mode', address_mode, 'honours_opt_out', honours_opt_out,
        'conversion_events', conversion_events
    ),
    %(by)s,
    created_at
FROM made
ON CONFLICT DO NOTHING
