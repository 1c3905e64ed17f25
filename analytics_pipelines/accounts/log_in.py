"""Logging in: an e-mail address or username with its password gives an access token.

An unknown user costs as much time as a wrong password and gets the same answer.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from analytics_pipelines.accounts import access_tokens, passwords
from analytics_pipelines.accounts.access_tokens import AccessToken
from analytics_pipelines.accounts.passwords import Verdict
from analytics_pipelines.accounts.secret_key import secret_key
from analytics_pipelines.accounts.tables import USERS
from analytics_pipelines.accounts.throttle import Throttle, password_right, password_tried
from analytics_pipelines.accounts.users import named
from analytics_pipelines.foundation.errors import Forbidden, Unauthenticated
from analytics_pipelines.foundation.postgres.acting import Duty, acting_for, on_duty
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings

KNOWN: tuple["sa.Column[Any]", ...] = (USERS.c.id, USERS.c.hashed_password, USERS.c.is_active, USERS.c.token_version)


class WrongLogIn(Unauthenticated):
    """No active account has that name and that password."""


class AccountDisabled(Forbidden):
    """The password is right, and an operator has shut the account out."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """What somebody gave to log in."""

    identifier: str
    password: str = field(repr=False)
    address: str | None = None
    """Where the request came from."""


def log_in(database: Database, settings: Settings, given: LogIn, *, throttle: Throttle, at: datetime) -> AccessToken:
    """A token of the user; an outdated hash of the password is replaced.

    Raises `WrongLogIn`, `AccountDisabled`, `TooManyLogIns`, `TooManyPasswords`, or `KeyUnusable`.
    """
    password_tried(throttle, given.identifier, given.address)
    found = _found(database, given.identifier)
    verdict = passwords.verify(given.password, found.hashed_password if found else None)
    if found is None or not verdict.is_right:
        raise WrongLogIn("The name or the password is wrong.", remedy="POST /api/auth/register makes an account.")
    if not found.is_active:
        raise AccountDisabled("The account is shut out.", remedy="Ask an admin: `analytics user enable` opens it.")
    _note(database, found, verdict, at)
    password_right(throttle, given.identifier, given.address)
    life = timedelta(minutes=settings.access_token_expire_minutes)
    return access_tokens.make(
        secret_key(settings), user_id=found.id, token_version=found.token_version, life=life, at=at
    )


def _found(database: Database, identifier: str) -> "sa.Row[*tuple[Any, ...]] | None":
    with database.reading() as connection:
        on_duty(connection, Duty.SIGN_IN)
        return connection.execute(sa.select(*KNOWN).where(named(identifier))).first()


def _note(database: Database, found: "sa.Row[*tuple[Any, ...]]", verdict: Verdict, at: datetime) -> None:
    """Who changed the password meanwhile, and with it the version, has not logged in."""
    values: dict[str, Any] = {"last_login_at": at}
    if verdict.better_hash is not None:
        values["hashed_password"] = verdict.better_hash
    is_same = sa.and_(USERS.c.id == found.id, USERS.c.token_version == found.token_version)
    with database.writing() as connection:
        acting_for(connection, found.id)
        if connection.execute(sa.update(USERS).where(is_same).values(values)).rowcount == 0:
            raise WrongLogIn("The account was changed meanwhile.", remedy="Log in again.")
