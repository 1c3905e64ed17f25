SELECT share, pre, extension, {columns}
FROM {types} AS types
ORDER BY share, pre, extension
