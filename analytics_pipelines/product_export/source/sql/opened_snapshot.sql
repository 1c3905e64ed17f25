-- The snapshot of this transaction, under a name that other connections may import, and which server it is of.
SELECT
    pg_export_snapshot() AS exported_id,
    CAST(pg_current_snapshot() AS text) AS snapshot,
    CAST((SELECT control.system_identifier FROM pg_control_system() AS control) AS text) AS system_identifier,
    (SELECT found.oid FROM pg_database AS found WHERE found.datname = current_database()) AS database_oid,
    CASE
        WHEN pg_is_in_recovery() THEN (SELECT control.timeline_id FROM pg_control_checkpoint() AS control)
        -- The control file tells a promotion only after the next checkpoint; names of WAL files tell it at once.
        ELSE CAST(('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32) AS integer)
    END AS timeline,
    CAST(current_setting('server_version_num') AS integer) AS server_version,
    now() AS taken_at
