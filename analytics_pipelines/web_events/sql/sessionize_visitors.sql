-- Visitors of $day: a number each, first and last event, and in which half hours of the day they had events. Up to
-- `joins_until_at` a first event may join the day before, from `joined_from_at` on a last one may be joined by the next.
WITH seen AS (
    SELECT
        site_id,
        visitor_id,
        COUNT(*) AS events,
        MIN(event_at) AS first_at,
        MAX(event_at) AS last_at,
        BIT_OR(CAST(1 AS BIGINT) << CAST(FLOOR(EPOCH(event_at)) AS BIGINT) // 1800 % 48) AS half_hours
    FROM events_of_day
    GROUP BY site_id, visitor_id
    -- Always so; it tells planners that visitors are fewer than events, and thus which side of a join to keep in memory.
    HAVING COUNT(*) > 0
),
limited AS (
    SELECT
        seen.*,
        COALESCE(limits.limit_before, $gap_limit_s * INTERVAL '1' SECOND) AS limit_before,
        COALESCE(limits.gap_limit, $gap_limit_s * INTERVAL '1' SECOND) AS gap_limit,
        COALESCE(limits.limit_after, $gap_limit_s * INTERVAL '1' SECOND) AS limit_after
    FROM seen
    LEFT JOIN limits
        ON limits.site_id = seen.site_id
)
SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY site_id, visitor_id) AS visitor_number,
    CAST($day AS TIMESTAMP) AT TIME ZONE 'UTC' + gap_limit AS joins_until_at,
    CAST($day AS TIMESTAMP) AT TIME ZONE 'UTC' + INTERVAL '1' DAY - limit_after AS joined_from_at,
    events = BIT_COUNT(half_hours) AND gap_limit <= INTERVAL '1800' SECOND AS is_scattered
FROM limited
