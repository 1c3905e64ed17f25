-- Schemas of the role that migrates, except the server's own and the record of what was applied.
SELECT nspname
FROM pg_namespace
WHERE nspowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
  AND nspname NOT IN ('public', 'information_schema', 'migrations')
  AND starts_with(nspname, 'pg_') IS FALSE
ORDER BY nspname
