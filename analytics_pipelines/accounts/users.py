"""Users: made, found, listed, and what the operator may change of them.

E-mail addresses are kept in one form; of usernames no two differ in case alone. Every transaction acts for one user or
says its duty, since the tables show nobody else's rows.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from analytics_pipelines.accounts import passwords
from analytics_pipelines.accounts.tables import USERS
from analytics_pipelines.foundation import email_addresses
from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.email_addresses import BadEmail
from analytics_pipelines.foundation.errors import BadInput, Conflict, NotFound
from analytics_pipelines.foundation.postgres.acting import Duty, on_duty
from analytics_pipelines.foundation.postgres.database import Database

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MOST_NAME_CHARACTERS = 200


class Role(StrEnum):
    """What a user may do; each is the scope of the same name."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"


class BadUsername(BadInput):
    """A username that could be taken for another one, or for an e-mail address."""


class BadFullName(BadInput):
    """A name that is too long or holds what cannot be printed."""


class EmailTaken(Conflict):
    """An account has that e-mail address."""


class UsernameTaken(Conflict):
    """An account has that username, perhaps in another case."""


class NoSuchUser(NotFound):
    """No account has that e-mail address, username or id."""


class LastAdmin(Conflict):
    """Nobody who could make another admin would be left."""


@dataclass(frozen=True, slots=True)
class User:
    """A user as it may be shown to its owner and to admins: nothing of the password."""

    id: str
    email: str
    username: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    role: Role
    last_login_at: datetime | None


SHOWN: tuple["sa.Column[Any]", ...] = (
    USERS.c.id,
    USERS.c.email,
    USERS.c.username,
    USERS.c.full_name,
    USERS.c.is_active,
    USERS.c.created_at,
    USERS.c.role,
    USERS.c.last_login_at,
)


def user_of(row: "sa.Row[*tuple[Any, ...]]") -> User:
    """The user in a row that begins with `SHOWN`."""
    user_id, email, username, full_name, is_active, created_at, role, last_login_at = row[: len(SHOWN)]
    return User(user_id, email, username, full_name, is_active, created_at, Role(role), last_login_at)


def register(
    database: Database,
    *,
    email: str,
    username: str,
    password: str,
    role: Role,
    full_name: str | None = None,
    clock: Clock = now,
) -> User:
    """A new active user; admins are made by operators (`create_admin`), the database allows no other way.

    Raises `BadEmail`, `BadUsername`, `BadFullName`, `BadPassword`, `EmailTaken`, `UsernameTaken`, `TooManyPasswords`.
    """
    row = new_row(email=email, username=username, password=password, role=role, at=clock(), full_name=full_name)
    with writing_users(database, Duty.SIGN_IN) as connection:
        return add(connection, row)


def create_admin(database: Database, *, email: str, username: str, password: str, clock: Clock = now) -> User:
    """A new admin; raises as `register` does."""
    row = new_row(email=email, username=username, password=password, role=Role.ADMIN, at=clock())
    with writing_users(database, Duty.MANAGE_USERS) as connection:
        return add(connection, row)


def list_users(database: Database) -> list[User]:
    """All users by e-mail address."""
    with database.reading() as connection:
        on_duty(connection, Duty.MANAGE_USERS)
        rows = connection.execute(sa.select(*SHOWN).order_by(USERS.c.email.collate("C"))).all()
    return [user_of(row) for row in rows]


def find_user(database: Database, identifier: str) -> User:
    """The user of an e-mail address or username; raises `NoSuchUser`."""
    with database.reading() as connection:
        on_duty(connection, Duty.MANAGE_USERS)
        row = connection.execute(sa.select(*SHOWN).where(named(identifier))).first()
    if row is None:
        raise no_such_user()
    return user_of(row)


def change_role(database: Database, identifier: str, role: Role) -> User:
    """The user with the new role, which counts from the next request on; raises `NoSuchUser`, `LastAdmin`."""
    return _changed(database, identifier, role=role.value)


def set_active(database: Database, identifier: str, *, is_active: bool) -> User:
    """The user, let in again or shut out from the next request on; raises `NoSuchUser`, `LastAdmin`."""
    return _changed(database, identifier, is_active=is_active)


def named(identifier: str) -> "sa.ColumnElement[bool]":
    """The condition that picks the user of an e-mail address or username; a malformed one picks nobody."""
    if "@" not in identifier:
        return USERS.c.lower_username == identifier.strip().lower()
    try:
        return USERS.c.email == email_addresses.normal(identifier)
    except BadEmail:
        return sa.false()


def new_row(
    *, email: str, username: str, password: str, role: Role, at: datetime, full_name: str | None = None
) -> dict[str, Any]:
    """The columns of a new user, checked, the password hashed."""
    address, name = email_addresses.normal(email), _checked_username(username)
    passwords.check(password, email=address, username=name)
    return {
        "id": str(uuid4()),
        "email": address,
        "username": name,
        "full_name": _checked_name(full_name),
        "hashed_password": passwords.hash_of(password),
        "is_active": True,
        "created_at": at,
        "role": role.value,
        "token_version": 1,
        "password_changed_at": at,
    }


def add(connection: Connection, row: dict[str, Any]) -> User:
    """The user that was added; within `writing_users`."""
    return user_of(connection.execute(sa.insert(USERS).values(row).returning(*SHOWN)).one())


@contextmanager
def writing_users(database: Database, duty: Duty) -> Iterator[Connection]:
    """A transaction on that duty; raises `EmailTaken` or `UsernameTaken` where another user is in the way."""
    try:
        with database.writing() as connection:
            on_duty(connection, duty)
            yield connection
    except IntegrityError as error:
        raise _meaning(error) from None


def keep_an_admin(connection: Connection, but: str) -> None:
    """Raise `LastAdmin` unless there is an active admin but this one; only on the duty of managing users.

    All admins stay as they are until the transaction ends, so that two can not leave at once.
    """
    admins = sa.select(USERS.c.id).where(USERS.c.role == Role.ADMIN.value, USERS.c.is_active).order_by(USERS.c.id)
    found = set(connection.execute(admins.with_for_update()).scalars())
    if but in found and len(found) == 1:
        raise LastAdmin("This is the only active admin.", remedy="Make another one: `analytics create-admin`.")


def no_such_user() -> NoSuchUser:
    """The error for a name that nobody has."""
    return NoSuchUser("There is no such user.", remedy="`analytics user list` names them all.")


def _changed(database: Database, identifier: str, **values: Any) -> User:
    with writing_users(database, Duty.MANAGE_USERS) as connection:
        found = connection.execute(sa.select(USERS.c.id).where(named(identifier))).scalar()
        if found is None:
            raise no_such_user()
        if values not in ({"role": Role.ADMIN.value}, {"is_active": True}):
            keep_an_admin(connection, found)
        change = sa.update(USERS).where(USERS.c.id == found).values(values)
        row = connection.execute(change.returning(*SHOWN)).first()
    if row is None:
        raise no_such_user()
    return user_of(row)


def _checked_username(username: str) -> str:
    if not USERNAME.fullmatch(username):
        raise BadUsername(
            "This is no username.",
            limit="1 to 64 letters (a to z), digits, dots, hyphens and underscores, the first a letter or a digit",
        )
    return username


def _checked_name(full_name: str | None) -> str | None:
    found = (full_name or "").strip()
    if not found.isprintable() or len(found) > MOST_NAME_CHARACTERS:
        limit = "at most " + str(MOST_NAME_CHARACTERS) + " printable characters"
        raise BadFullName("The full name is too long, or not printable.", limit=limit)
    return found or None


def _meaning(error: IntegrityError) -> Exception:
    broken = error.orig.diag.constraint_name if isinstance(error.orig, psycopg.Error) else None
    if broken == "users_email_key":
        return EmailTaken("An account has this e-mail address.", remedy="Log in, or use another address.")
    if broken == "users_lower_username_key":
        return UsernameTaken("An account has this username.", remedy="Choose another one; its case does not count.")
    return error
