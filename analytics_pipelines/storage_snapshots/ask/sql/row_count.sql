SELECT count(*)
FROM {table} AS counted
