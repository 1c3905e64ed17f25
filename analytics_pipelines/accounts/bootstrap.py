"""The first admin: made where there is none, so that somebody can log in after the first start."""

from dataclasses import dataclass, field
from itertools import count

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics_pipelines.accounts import passwords
from analytics_pipelines.accounts.tables import USERS
from analytics_pipelines.accounts.users import Role, add, named, new_row, writing_users
from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.postgres.acting import Duty, on_duty
from analytics_pipelines.foundation.postgres.database import Database

USERNAME = "admin"
HOST = "@localhost"
MAKING = "accounts.first_admin"


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """How to log in, to be printed once: the password is kept as a hash alone."""

    username: str
    password: str = field(repr=False)


def first_admin(database: Database, *, clock: Clock = now) -> FirstAdmin | None:
    """A new admin with a random password; None where there is one, shut out or not. Of two who ask, one gets it."""
    if _has_admin(database):
        return None
    password = passwords.drawn()
    row = new_row(email=USERNAME + HOST, username=USERNAME, password=password, role=Role.ADMIN, at=clock())
    with writing_users(database, Duty.MANAGE_USERS) as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(MAKING))))
        if connection.execute(_admins()).first() is not None:
            return None
        username = _free_name(connection)
        add(connection, row | {"username": username, "email": username + HOST})
    return FirstAdmin(username, password)


def _admins() -> "sa.Select[tuple[str]]":
    return sa.select(USERS.c.id).where(USERS.c.role == Role.ADMIN.value).limit(1)


def _has_admin(database: Database) -> bool:
    with database.reading() as connection:
        on_duty(connection, Duty.MANAGE_USERS)
        return connection.execute(_admins()).first() is not None


def _free_name(connection: Connection) -> str:
    """Whoever registered as `admin` is none."""
    names = (USERNAME + (str(number) if number > 1 else "") for number in count(1))
    taken = sa.select(USERS.c.id)
    return next(
        name
        for name in names
        if connection.execute(taken.where(sa.or_(named(name), named(name + HOST)))).first() is None
    )
