SELECT
    export_date,
    id,
    lower(trim(email)) AS email,
    nullif(trim(full_name), '') AS full_name,
    is_active,
    created_at,
    updated_at
FROM raw_users
