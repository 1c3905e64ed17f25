SELECT {columns}
FROM {folders} AS folders
WHERE {is_meant}
