-- Event types that each site lists as conversions, by day.
SELECT DISTINCT
    event_date,
    site_id,
    UNNEST(CAST(CAST(conversion_events AS JSON) AS VARCHAR[])) AS event_type
FROM core_web__sites
