"""Who is calling: the one place that knows what a bearer token can be."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from analytics_pipelines.accounts import access_tokens
from analytics_pipelines.accounts.access_tokens import Claims
from analytics_pipelines.accounts.scopes import implied_by
from analytics_pipelines.accounts.secret_key import secret_key
from analytics_pipelines.accounts.tables import REVOKED_TOKENS, USERS
from analytics_pipelines.accounts.tokens import verify_token
from analytics_pipelines.foundation.postgres.acting import acting_for
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a good token names, and all that the caller may do, included scopes too."""

    name: str
    """The user's name, or the service token's."""
    scopes: AbstractSet[str]
    subject: str | None = None
    """The product's user for whom a service token speaks. Never a user's own e-mail: nobody has proven it."""
    user_id: str | None = None
    claims: Claims | None = None
    """What the access token says; None for a service token."""


def caller_of(database: Callable[[], Database], settings: Settings, token: str, at: datetime) -> Caller | None:
    """Whom an access token or a service token names at that moment; None when it is wrong, ended or revoked.

    A token with a false signature costs no look-up. Raises `Unavailable`, `KeyUnusable`.
    """
    if access_tokens.looks_like_one(token):
        claims = access_tokens.read(secret_key(settings), token, at)
        return _user(database(), claims) if claims else None
    holder = verify_token(database(), token, at)
    return Caller(holder.name, holder.scopes, holder.subject, holder.user_id) if holder else None


def _user(database: Database, claims: Claims) -> Caller | None:
    """One look-up: the user as it is now, unless the token or all tokens were revoked."""
    is_revoked = sa.exists().where(REVOKED_TOKENS.c.jti == claims.jti)
    found = sa.select(USERS.c.username, USERS.c.role).where(
        USERS.c.id == claims.user_id,
        USERS.c.is_active,
        USERS.c.token_version == claims.token_version,
        ~is_revoked,
    )
    with database.reading() as connection:
        acting_for(connection, claims.user_id)
        row = connection.execute(found).first()
    return Caller(row.username, implied_by([row.role]), None, claims.user_id, claims) if row else None
