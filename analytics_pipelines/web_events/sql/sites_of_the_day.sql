SELECT $day AS event_date, settings.site_id, settings.name, settings.timezone, settings.gap_limit_s,
    settings.conversion_events
FROM site_settings AS settings
WHERE settings.site_id IN (SELECT DISTINCT site_id FROM core_web__events)
