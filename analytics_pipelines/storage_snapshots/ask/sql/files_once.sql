-- A file of several names stands under the first of them in pre-order that is asked about. Few files have several.
SELECT * FROM ({files}) AS files
WHERE ({condition}) AND (link_count <= 1 OR inode IS NULL)
UNION ALL
SELECT * FROM ({files}) AS files
WHERE ({condition}) AND (link_count > 1 OR link_count IS NULL) AND inode IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY share, device, inode ORDER BY pre) = 1
