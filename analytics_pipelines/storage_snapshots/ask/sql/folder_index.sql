SELECT path_key, md5_number_upper(path) AS path_check, share, CASE WHEN pre = 0 THEN path END AS root_path, {columns}
FROM {folders} AS folders
ORDER BY path_key, share
