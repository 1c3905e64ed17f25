"""Users: made, read, listed, changed and deleted, each by who may."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics_pipelines.foundation.email_addresses import normal
from analytics_pipelines.foundation.errors import NotFound
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.product_export.keeping.changing import changing, email_taken, looking
from analytics_pipelines.product_export.keeping.pages import cut, last_of
from analytics_pipelines.product_export.keeping.rights import ASK_AN_ADMIN, NotYours, Reader, Writer
from analytics_pipelines.product_export.models import User


class NoSuchUser(NotFound):
    """No user has that number, or not for this caller."""


@dataclass(frozen=True, slots=True)
class UserState:
    """A user as it is now."""

    id: int
    email: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class UserPage:
    """Users by number, and the cursor of the next page; None at the end."""

    users: list[UserState]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which users are listed; None for any."""

    q: str | None = None
    """Part of the address or the name, whatever its case."""
    email: str | None = None
    is_active: bool | None = None

    @property
    def asked(self) -> Mapping[str, object]:
        """What a cursor belongs to."""
        return {"list": "users", "q": self.q, "email": self.email, "is_active": self.is_active}

    @property
    def conditions(self) -> list["sa.ColumnElement[bool]"]:
        """What the rows meet."""
        found: list[sa.ColumnElement[bool]] = []
        if self.q is not None:
            parts = (column.icontains(self.q, autoescape=True) for column in (User.email, User.full_name))
            found.append(sa.or_(*parts))
        if self.email is not None:
            found.append(sa.func.lower(User.email) == self.email.strip().lower())
        if self.is_active is not None:
            found.append(User.is_active.is_(self.is_active))
        return found


def create_user(
    database: Database, writer: Writer, *, email: str, full_name: str | None = None, is_active: bool = True
) -> UserState:
    """A new user; who is no admin signs up with the token's own address, and active.

    Raises `BadEmail`, `EmailTaken`, `NotYours`, `ForAdminsOnly`, `TextNotStorable`, `Unavailable`.
    """
    address = normal(email)
    if not writer.is_admin and address != writer.subject:
        raise NotYours("The address is not the one for which the token speaks.", remedy=ASK_AN_ADMIN)
    if not is_active:
        writer.must_be_admin("whether a user is active")
    with changing(database) as session:
        _must_be_free(session, address)
        user = User(email=address, full_name=full_name, is_active=is_active)
        session.add(user)
        session.flush()
        return _state(user)


def read_user(database: Database, reader: Reader, user_id: int) -> UserState:
    """The user of that number; raises `NoSuchUser`, also where the reader may not see it, and `Unavailable`."""
    query = sa.select(User).where(User.id == user_id, *reader.of_users)
    with looking(database) as session:
        return _state(_found(session.scalar(query)))


def list_users(
    database: Database, reader: Reader, wanted: UserFilter, *, limit: int, cursor: str | None = None
) -> UserPage:
    """`limit` users that the reader sees, by number, after the cursor's.

    Raises `BadCursor`, `TextNotStorable`, `TimedOut`, `Unavailable`.
    """
    conditions = (User.id > last_of(cursor, wanted.asked), *wanted.conditions, *reader.of_users)
    query = sa.select(User).where(*conditions).order_by(User.id).limit(limit + 1)
    with looking(database) as session:
        found = [_state(user) for user in session.scalars(query)]
    return UserPage(*cut(found, limit, wanted.asked))


def change_user(database: Database, writer: Writer, user_id: int, changes: Mapping[str, Any]) -> UserState:
    """The user with what `changes` names (`email`, `full_name`, `is_active`); who is no admin changes the own name.

    Raises `NoSuchUser`, `NotYours`, `UserInactive`, `ForAdminsOnly`, `BadEmail`, `EmailTaken`, `TextNotStorable`,
    `Unavailable`.
    """
    with changing(database) as session:
        user = _locked(session, user_id)
        writer.must_be(user)
        if "email" in changes:
            _move(session, writer, user, normal(changes["email"]))
        if changes.get("is_active", user.is_active) != user.is_active:
            writer.must_be_admin("whether a user is active")
            user.is_active = changes["is_active"]
        if "full_name" in changes:
            user.full_name = changes["full_name"]
        session.flush()
        return _state(user)


def delete_user(database: Database, writer: Writer, user_id: int) -> None:
    """Delete the user, and all items that belong to it.

    Raises `NoSuchUser`, `NotYours`, `UserInactive`, `Unavailable`.
    """
    with changing(database) as session:
        user = _locked(session, user_id)
        writer.must_be(user)
        session.delete(user)


def _move(session: Session, writer: Writer, user: User, address: str) -> None:
    if address == user.email:
        return
    writer.must_be_admin("addresses, since tokens speak for an address")
    _must_be_free(session, address, except_for=user.id)
    user.email = address


def _must_be_free(session: Session, address: str, except_for: int = 0) -> None:
    """Addresses of other programs may differ in case alone, which the unique key does not see."""
    same = sa.select(User.id).where(sa.func.lower(User.email) == address, User.id != except_for)
    if session.scalar(same.limit(1)) is not None:
        raise email_taken()


def _locked(session: Session, user_id: int) -> User:
    return _found(session.get(User, user_id, with_for_update=True))


def _found(user: User | None) -> User:
    if user is None:
        raise NoSuchUser("There is no user of that number.", remedy="GET /api/v1/users lists them.")
    return user


def _state(user: User) -> UserState:
    return UserState(user.id, user.email, user.full_name, user.is_active, user.created_at, user.updated_at)
