-- Events of a day of receipt that came too late to count; a log's lines are never late.
SELECT
    received_date,
    site_id,
    event_id,
    received_at,
    happened_at AS event_at,
    event_type,
    DATE_DIFF('microsecond', happened_at, received_at) // 1000000 AS late_s
FROM ({happened}) AS happened
WHERE source <> 'log'
  AND CAST(happened_at AT TIME ZONE 'UTC' AS DATE) < CAST(received_date - $late_event_days * INTERVAL '1' DAY AS DATE)
