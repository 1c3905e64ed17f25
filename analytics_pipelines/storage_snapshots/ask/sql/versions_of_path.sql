SELECT {columns}
FROM {history} AS versions
WHERE path_key = $key AND path = $path AND ($share IS NULL OR share = $share)
ORDER BY share, valid_from
