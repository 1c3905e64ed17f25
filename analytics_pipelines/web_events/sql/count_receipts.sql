-- PostgreSQL. By UTC day of receipt and site: what the intake counted, what the log and the rejects hold, and what the
-- export has not looked at yet. One statement, so that all is seen at one moment. A reject that named no site stands
-- under the empty one, and one that was replayed with success is a reject no more.
WITH span AS (
    SELECT
        CAST(:first AS date) AS first_date,
        CAST(:last AS date) AS last_date,
        CAST(CAST(:first AS date) AS timestamp) AT TIME ZONE 'UTC' AS first_at,
        CAST(CAST(:last AS date) + 1 AS timestamp) AT TIME ZONE 'UTC' AS end_at,
        CAST(:site AS text) AS site_id
),
counted AS (
    SELECT
        received_date,
        intake.site_id,
        sum(received) AS received,
        sum(stored) AS stored,
        sum(duplicate) AS duplicate,
        sum(rejected) AS rejected
    FROM web_events.intake_count AS intake
    CROSS JOIN span
    WHERE received_date BETWEEN first_date AND last_date AND (span.site_id IS NULL OR intake.site_id = span.site_id)
    GROUP BY received_date, intake.site_id
),
logged AS (
    SELECT
        CAST(received_at AT TIME ZONE 'UTC' AS date) AS received_date,
        log.site_id,
        count(*) AS logged,
        count(*) FILTER (WHERE log_number > CAST(:watermark AS bigint)) AS beyond_watermark
    FROM web_events.event_log AS log
    CROSS JOIN span
    WHERE received_at >= first_at AND received_at < end_at AND (span.site_id IS NULL OR log.site_id = span.site_id)
    GROUP BY CAST(received_at AT TIME ZONE 'UTC' AS date), log.site_id
),
failed AS (
    SELECT
        CAST(received_at AT TIME ZONE 'UTC' AS date) AS received_date,
        COALESCE(kept.site_id, '') AS site_id,
        count(*) AS failed
    FROM web_events.failed_event AS kept
    CROSS JOIN span
    WHERE received_at >= first_at AND received_at < end_at
      AND (span.site_id IS NULL OR COALESCE(kept.site_id, '') = span.site_id)
      AND COALESCE(outcome, 'rejected') = 'rejected'
    GROUP BY CAST(received_at AT TIME ZONE 'UTC' AS date), COALESCE(kept.site_id, '')
)
SELECT
    received_date,
    site_id,
    CAST(COALESCE(received, 0) AS bigint) AS received,
    CAST(COALESCE(stored, 0) AS bigint) AS stored,
    CAST(COALESCE(duplicate, 0) AS bigint) AS duplicate,
    CAST(COALESCE(rejected, 0) AS bigint) AS rejected,
    COALESCE(logged, 0) AS logged,
    COALESCE(failed, 0) AS failed,
    COALESCE(beyond_watermark, 0) AS beyond_watermark
FROM counted
FULL JOIN logged USING (received_date, site_id)
FULL JOIN failed USING (received_date, site_id)
ORDER BY received_date, site_id
