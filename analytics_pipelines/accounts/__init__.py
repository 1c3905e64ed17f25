"""Who may call the platform: people with passwords, service tokens for machines.

Here: users with a role, passwords, access tokens and their revocation, logging in and out, the first admin; service
tokens with scopes and an end, kept only as hashes; a token may act for an account, or name the product's user for whom
it speaks. Not here: what a scope opens (each route says so through `http_kit`), what users upload (`datasets`), nor
the product's own users (`product_export`), which are data and cannot log in.

Tables: `accounts.users`, `accounts.revoked_tokens` and `accounts.service_token` in PostgreSQL; none in the lake.

    user = register(database, email="ada@example.com", username="ada", password=given, role=Role.ANALYST)
    caller = caller_of(lambda: database, settings, token, now())
"""
