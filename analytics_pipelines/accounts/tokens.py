"""Service tokens: made once, shown once, kept as a hash, looked up by it.

A token holds 256 random bits, so a fast hash is enough (there is no dictionary to try), and finding it by its
hash needs no constant time: whoever measures the index learns of hashes, never of tokens.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.accounts.scopes import checked, implied_by
from analytics_pipelines.accounts.tables import SERVICE_TOKEN, USERS
from analytics_pipelines.accounts.users import find_user
from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.email_addresses import normal
from analytics_pipelines.foundation.errors import BadInput, Conflict, NotFound
from analytics_pipelines.foundation.postgres.acting import acting_for
from analytics_pipelines.foundation.postgres.database import Database

PREFIX = "apt_"
SHAPE = re.compile(r"apt_[A-Za-z0-9_-]{43}")
DEFAULT_DAYS = 90
MOST_DAYS = 3650
MOST_NAME_CHARACTERS = 100
ADMIN = "admin"
WRITES_AS_ITS_SUBJECT = "product:write"
USE_NOTED_EVERY = timedelta(minutes=1)


class BadTokenName(BadInput):
    """A name that is empty, too long, or holds what cannot be printed."""


class ExpiryOutOfRange(BadInput):
    """A life of less than a day or more than ten years."""


class NameTaken(Conflict):
    """A token of that name exists, perhaps revoked: a name in a log means one token for ever."""


class SubjectMissing(BadInput):
    """A token that may write the product's rows has to say whose."""


class BeyondTheAccount(BadInput):
    """A token that acts for an account and could do more than it."""


class NoSuchToken(NotFound):
    """No token has that name."""


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Whom a valid token names, and all that the holder may do, included scopes too."""

    name: str
    scopes: frozenset[str]
    subject: str | None = None
    """E-mail of the product's user for whom the token speaks."""
    user_id: str | None = None
    """The account that the token acts for."""


@dataclass(frozen=True, slots=True)
class ServiceToken:
    """A token as it may be shown: all but the token itself."""

    name: str
    scopes: tuple[str, ...]
    subject: str | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def create_token(
    database: Database,
    *,
    name: str,
    scopes: Collection[str],
    subject: str | None = None,
    account: str | None = None,
    expires_in_days: int = DEFAULT_DAYS,
    clock: Clock = now,
) -> str:
    """A new token, `apt_` and 43 characters, which nobody can read again.

    `subject` is the e-mail of the product's user for whom it speaks; that the user exists is not asked. `account` is
    the e-mail or username of the account for which it acts, never with more rights than that has. Raises
    `BadTokenName`, `UnknownScope`, `SubjectMissing`, `BadEmail`, `NoSuchUser`, `BeyondTheAccount`,
    `ExpiryOutOfRange`, or `NameTaken`.
    """
    _must_be_a_name(name)
    _must_be_in_range(expires_in_days)
    token = PREFIX + secrets.token_urlsafe(32)
    row = _new_row(name, checked(scopes), token, clock(), timedelta(days=expires_in_days))
    row["subject"] = _subject(subject, row["scopes"])
    row["user_id"] = _account(database, account, row["scopes"])
    statement = insert(SERVICE_TOKEN).values(row).on_conflict_do_nothing(index_elements=["name"])
    with database.writing() as connection:
        if connection.execute(statement.returning(SERVICE_TOKEN.c.id)).first() is None:
            raise NameTaken("A token of that name exists.", remedy="Choose another name; revoked ones keep theirs.")
    return token


def verify_token(database: Database, token: str, at: datetime) -> TokenHolder | None:
    """Whom the token names at that moment; None when it is unknown, expired or revoked.

    One look-up by hash, and one more for the account that it acts for: with that it is shut out, and loses what that
    loses. The use is noted at most once a minute.
    """
    if not SHAPE.fullmatch(token):
        return None
    columns = SERVICE_TOKEN.c
    found = sa.select(
        columns.id, columns.name, columns.scopes, columns.subject, columns.last_used_at, columns.user_id
    ).where(columns.token_hash == _hash_of(token), columns.revoked_at.is_(None), columns.expires_at > at)
    with database.reading() as connection:
        row = connection.execute(found).first()
        if row is None:
            return None
        scopes = implied_by(row.scopes)
        if row.user_id is not None:
            scopes &= _rights(connection, row.user_id)
    if not scopes:
        return None
    if row.last_used_at is None or row.last_used_at <= at - USE_NOTED_EVERY:
        _note_use(database, row.id, at)
    return TokenHolder(row.name, scopes, row.subject, row.user_id)


def revoke_token(database: Database, name: str, *, clock: Clock = now) -> datetime:
    """When the token of that name was revoked: now, or at the first time; raises `NoSuchToken`."""
    columns = SERVICE_TOKEN.c
    revoked_at = sa.func.coalesce(columns.revoked_at, clock())
    revoke = sa.update(SERVICE_TOKEN).where(columns.name == name).values(revoked_at=revoked_at)
    with database.writing() as connection:
        moment: datetime | None = connection.execute(revoke.returning(columns.revoked_at)).scalar()
    if moment is None:
        raise NoSuchToken("There is no token of that name.", remedy="`analytics token list` names them all.")
    return moment


def list_tokens(database: Database) -> list[ServiceToken]:
    """All tokens ever made, expired and revoked ones too, by name."""
    columns = SERVICE_TOKEN.c
    shown = sa.select(
        columns.name,
        columns.scopes,
        columns.subject,
        columns.created_at,
        columns.expires_at,
        columns.last_used_at,
        columns.revoked_at,
    )
    with database.reading() as connection:
        rows = connection.execute(shown.order_by(columns.name.collate("C"))).all()
    return [ServiceToken(name, tuple(scopes), *rest) for name, scopes, *rest in rows]


def _must_be_a_name(name: str) -> None:
    if name.strip() != name or not name.isprintable() or not 0 < len(name) <= MOST_NAME_CHARACTERS:
        raise BadTokenName(
            "A token's name is printable text without blanks around it.",
            limit="1 to " + str(MOST_NAME_CHARACTERS) + " characters",
        )


def _must_be_in_range(expires_in_days: int) -> None:
    if not 1 <= expires_in_days <= MOST_DAYS:
        raise ExpiryOutOfRange("A token must end.", limit="1 to " + str(MOST_DAYS) + " days")


def _new_row(name: str, scopes: Iterable[str], token: str, created_at: datetime, life: timedelta) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "name": name,
        "token_hash": _hash_of(token),
        "scopes": list(scopes),
        "created_at": created_at,
        "expires_at": created_at + life,
    }


def _subject(given: str | None, scopes: Collection[str]) -> str | None:
    if given is None and WRITES_AS_ITS_SUBJECT in scopes and ADMIN not in scopes:
        raise SubjectMissing(
            "A token with " + WRITES_AS_ITS_SUBJECT + " writes as one user of the product.",
            remedy="Say whose e-mail: `--for ada@example.com`.",
        )
    return None if given is None else normal(given)


def _account(database: Database, given: str | None, scopes: Collection[str]) -> str | None:
    """The id of the account, whose role includes all scopes."""
    if given is None:
        return None
    found = find_user(database, given)
    if beyond := implied_by(scopes) - implied_by([found.role]):
        raise BeyondTheAccount(
            "The account may not do " + ", ".join(sorted(beyond)) + ".",
            remedy="Leave it out, or change the role first: `analytics user role`.",
        )
    return found.id


def _rights(connection: Connection, user_id: str) -> frozenset[str]:
    """What the account may do now; nothing when it is shut out."""
    acting_for(connection, user_id)
    role = connection.execute(sa.select(USERS.c.role).where(USERS.c.id == user_id, USERS.c.is_active)).scalar()
    return implied_by([role] if role else [])


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def _note_use(database: Database, identifier: str, at: datetime) -> None:
    columns = SERVICE_TOKEN.c
    stale = sa.or_(columns.last_used_at.is_(None), columns.last_used_at <= at - USE_NOTED_EVERY)
    note = sa.update(SERVICE_TOKEN).where(columns.id == identifier, stale).values(last_used_at=at)
    with database.writing() as connection:
        connection.execute(note)
