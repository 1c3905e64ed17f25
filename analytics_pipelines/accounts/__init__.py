"""Who may call the platform: service tokens for machines.

Here: tokens with scopes and an end, kept only as hashes in the schema `accounts`, their making, checking,
revoking and listing; a token may name the product's user for whom it speaks. Not here: what a scope opens (each
route says so through `http_kit`), nor the product's own users (`product_export`), which are data and cannot log in.

Tables: `accounts.service_token` in PostgreSQL; none in the lake.

    token = create_token(database, name="grafana", scopes={"viewer"}, expires_in_days=90)
    holder = verify_token(database, token, now())
"""
