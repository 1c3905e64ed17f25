"""HTTP doors of accounts: `/api/auth/…`.

Here: registering, logging in by JSON or by OAuth2's form, one's own account, logging out. Not here: what the doors ask
of a caller (`http_kit`), nor the making of admins and service tokens, which is the operator's (`analytics`).

    POST /api/auth/login {"username": "ada", "password": "…"}
    → {"access_token": "eyJ…", "token_type": "bearer", "expires_in": 86400}
"""
