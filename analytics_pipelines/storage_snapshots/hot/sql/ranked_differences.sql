SELECT 'files' AS level, row_number() OVER (ORDER BY weight DESC, share, path) AS rank, files.*
FROM ({files}) AS files
UNION ALL
SELECT 'directories' AS level, row_number() OVER (ORDER BY weight DESC, share, path) AS rank, folders.*
FROM ({folders}) AS folders
