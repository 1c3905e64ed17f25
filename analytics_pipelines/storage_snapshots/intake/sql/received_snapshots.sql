SELECT
    entries.share,
    entries.snapshot_date,
    entries.root_path,
    coalesce(facts.taken_at, $end_of_day) AS taken_at,
    facts.ended_at,
    facts.mode,
    entries.entry_count,
    entries.error_count,
    facts.vanished_count,
    facts.other_filesystem_count,
    entries.entry_count - coalesce(facts.rows, entries.entry_count) AS implied_dir_count,
    facts.capacity_bytes,
    facts.available_bytes,
    facts.absent_columns,
    facts.unknown_columns,
    facts.sha256
FROM (
    SELECT
        share,
        snapshot_date,
        max(CASE WHEN pre = 0 THEN path END) AS root_path,
        count(*) AS entry_count,
        count(error) AS error_count
    FROM entries
    GROUP BY share, snapshot_date
) AS entries
JOIN facts ON facts.share = entries.share
