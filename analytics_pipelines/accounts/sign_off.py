"""Logging out: one access token becomes worthless, or all of a user."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.accounts.access_tokens import LEEWAY
from analytics_pipelines.accounts.tables import REVOKED_TOKENS, USERS
from analytics_pipelines.foundation.postgres.acting import Duty, acting_for, on_duty
from analytics_pipelines.foundation.postgres.database import Database


def log_out(database: Database, user_id: str, jti: str, expires_at: datetime) -> None:
    """The token of that id is good for nothing from now on; twice is as good as once.

    Ids of tokens that have ended are cleared away by the way.
    """
    row = {"jti": jti, "user_id": user_id, "expires_at": expires_at + LEEWAY}
    with database.writing() as connection:
        acting_for(connection, user_id)
        connection.execute(insert(REVOKED_TOKENS).values(row).on_conflict_do_nothing())
    sweep_revoked(database)


def revoke_all(database: Database, user_id: str) -> None:
    """Every access token that the user has got so far is good for nothing; service tokens stay."""
    revoke = sa.update(USERS).where(USERS.c.id == user_id).values(token_version=USERS.c.token_version + 1)
    with database.writing() as connection:
        acting_for(connection, user_id)
        connection.execute(revoke)


def sweep_revoked(database: Database) -> int:
    """How many ids of everybody's ended tokens were cleared away, by the clock of the database."""
    ended = sa.delete(REVOKED_TOKENS).where(REVOKED_TOKENS.c.expires_at < sa.func.now())
    with database.writing() as connection:
        on_duty(connection, Duty.SWEEP)
        return connection.execute(ended).rowcount
