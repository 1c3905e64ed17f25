SELECT folders.*, 'd' AS type, CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS modified_at,
    CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS before_modified_at
FROM folders
