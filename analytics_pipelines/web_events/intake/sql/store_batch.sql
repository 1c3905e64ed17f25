-- PostgreSQL. A whole batch in one statement, hence in one transaction and one round trip. Keys go in sorted, so that
-- two writers wait for each other and never deadlock; counters come last, after every key. Gives the keys that were
-- there before.
WITH incoming AS MATERIALIZED (
    SELECT * FROM jsonb_populate_recordset(NULL::web_events.event_log, %(receipts)s)
),
turned_away AS MATERIALIZED (
    SELECT * FROM jsonb_populate_recordset(NULL::web_events.failed_event, %(refusals)s)
),
fresh AS (
    INSERT INTO web_events.event_key (site_id, event_id, received_at)
    SELECT site_id, event_id, received_at
    FROM incoming
    ORDER BY site_id, event_id
    ON CONFLICT DO NOTHING
    RETURNING site_id, event_id
),
logged AS (
    INSERT INTO web_events.event_log (
        site_id, event_id, event_type, visitor_id, visitor_id_before, session_id, event_at, received_at, sent_at, url,
        path, referrer, title, client_address, user_agent, source, payload, flags
    )
    SELECT
        site_id, event_id, event_type, visitor_id, visitor_id_before, session_id, event_at, received_at, sent_at, url,
        path, referrer, title, client_address, user_agent, source, (payload #>> '{}')::jsonb, flags
    FROM incoming
    JOIN fresh USING (site_id, event_id)
),
kept AS (
    INSERT INTO web_events.failed_event (
        failed_id, reason, detail, payload, received_at, source, site_id, event_id, visitor_id, visitor_id_before,
        client_address, user_agent
    )
    SELECT
        failed_id, reason, detail, payload, received_at, source, site_id, event_id, visitor_id, visitor_id_before,
        client_address, user_agent
    FROM turned_away
    ORDER BY failed_id
    ON CONFLICT DO NOTHING
    RETURNING failed_id
),
judged AS (
    SELECT received_at, site_id, source, fresh.event_id IS NOT NULL AS is_stored, false AS is_rejected
    FROM incoming
    LEFT JOIN fresh USING (site_id, event_id)
    UNION ALL
    SELECT received_at, coalesce(site_id, ''), source, false, kept.failed_id IS NOT NULL
    FROM turned_away
    LEFT JOIN kept USING (failed_id)
    UNION ALL
    SELECT received_at, coalesce(site_id, ''), source, false, false
    FROM jsonb_to_recordset(%(repeats)s) AS repeat (received_at timestamptz, site_id text, source text)
),
counted AS (
    INSERT INTO web_events.intake_count AS known (
        received_date, site_id, source, writer, received, stored, duplicate, rejected
    )
    SELECT
        (received_at AT TIME ZONE 'UTC')::date, site_id, source, %(writer)s, count(*),
        count(*) FILTER (WHERE is_stored), count(*) FILTER (WHERE NOT is_stored AND NOT is_rejected),
        count(*) FILTER (WHERE is_rejected)
    FROM judged
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (received_date, site_id, source, writer) DO UPDATE SET
        received = known.received + excluded.received,
        stored = known.stored + excluded.stored,
        duplicate = known.duplicate + excluded.duplicate,
        rejected = known.rejected + excluded.rejected
)
SELECT site_id, event_id
FROM incoming
LEFT JOIN fresh USING (site_id, event_id)
WHERE fresh.event_id IS NULL
