-- PostgreSQL. Where COPY puts a batch, since COPY itself knows no ON CONFLICT.
CREATE TEMPORARY TABLE incoming (
    site_id text,
    event_id text,
    event_type text,
    visitor_id text,
    event_at timestamptz,
    received_at timestamptz,
    url text,
    referrer text,
    client_address text,
    user_agent text,
    payload jsonb,
    source text,
    flags text []
) ON COMMIT DROP
