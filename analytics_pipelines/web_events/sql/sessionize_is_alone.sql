-- Whether surely no other event of the visitor is within the limit: no half hour of the visitor's holds two events,
-- those beside the event's hold none, and neither midnight is near.
visitors.is_scattered
AND (
    visitors.half_hours
    & (CAST(5 AS BIGINT) << CAST(FLOOR(EPOCH(events.event_at)) AS BIGINT) // 1800 % 48 >> 1)
) = 0
AND events.event_at > visitors.joins_until_at
AND events.event_at < visitors.joined_from_at
