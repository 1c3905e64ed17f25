SELECT CAST(NULL AS BIGINT) AS position, CAST(NULL AS INTEGER) AS block, lower(entries.name) AS folded_name, {columns}
FROM ({entries}) AS entries
