-- PostgreSQL. Who holds a lock that shuts the fence out, the oldest transaction first; what the role may not see is told
-- as unknown.
SELECT concat(
    coalesce(nullif(activity.application_name, ''), 'unnamed'), ' (pid ', activity.pid, ', ',
    coalesce(activity.state, 'unknown state'),
    ', since ' || to_char(activity.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), ')'
) AS holder
FROM pg_locks AS locks
JOIN pg_stat_activity AS activity ON activity.pid = locks.pid
WHERE locks.locktype = 'relation'
  AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND locks.relation = to_regclass('web_events.event_log')
  AND locks.granted
  AND locks.mode IN (
      'RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'
  )
  AND locks.pid <> pg_backend_pid()
GROUP BY activity.application_name, activity.pid, activity.state, activity.xact_start
ORDER BY activity.xact_start, activity.pid
