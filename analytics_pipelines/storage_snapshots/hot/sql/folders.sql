SELECT CAST(md5_number_lower(directories.path) >> 1 AS BIGINT) AS path_key, {columns}, {bands}
FROM ({directories}) AS directories
LEFT JOIN ({directory_bands}) AS bands ON bands.share = directories.share AND bands.pre = directories.pre
