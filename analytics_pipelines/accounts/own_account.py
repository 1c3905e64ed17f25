"""What users do with their own account: look at it, change the password, delete it.

Who changes or deletes gives the password, which is throttled like a log-in: a token that was left open must not be
enough, nor a place to guess.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from analytics_pipelines.accounts import passwords
from analytics_pipelines.accounts.tables import USERS
from analytics_pipelines.accounts.throttle import Throttle, password_right, password_tried
from analytics_pipelines.accounts.users import SHOWN, Role, User, keep_an_admin, no_such_user, user_of
from analytics_pipelines.foundation.errors import Forbidden
from analytics_pipelines.foundation.postgres.acting import Duty, acting_for, on_duty
from analytics_pipelines.foundation.postgres.database import Database


class WrongPassword(Forbidden):
    """The password that was given beside the token is not that of the account."""


def own_account(database: Database, user_id: str) -> User:
    """The user; raises `NoSuchUser`."""
    return user_of(_own_row(database, user_id, SHOWN))


def change_password(
    database: Database, user_id: str, *, current: str, new: str, throttle: Throttle, at: datetime
) -> None:
    """Keep the new password; every access token of before is worthless from now on.

    Raises `WrongPassword`, `BadPassword`, `TooManyLogIns`, `TooManyPasswords`, or `NoSuchUser`.
    """
    found = _proven(database, user_id, current, throttle)
    passwords.check(new, email=found.email, username=found.username)
    replace_password(database, user_id, passwords.hash_of(new), at)


def replace_password(database: Database, user_id: str, hashed_password: str, at: datetime) -> None:
    """Keep that hash from now on, and let every access token of before be worthless; raises `NoSuchUser`."""
    values = {
        "hashed_password": hashed_password,
        "password_changed_at": at,
        "token_version": USERS.c.token_version + 1,
    }
    with database.writing() as connection:
        acting_for(connection, user_id)
        if connection.execute(sa.update(USERS).where(USERS.c.id == user_id).values(values)).rowcount == 0:
            raise no_such_user()


def delete_account(database: Database, user_id: str, *, password: str, throttle: Throttle) -> None:
    """Delete the user and all rows that belong to it; what says who did what stays, its files are swept.

    Raises `WrongPassword`, `LastAdmin`, `TooManyLogIns`, `TooManyPasswords`, or `NoSuchUser`.
    """
    found = _proven(database, user_id, password, throttle)
    with database.writing() as connection:
        if found.role == Role.ADMIN.value:
            on_duty(connection, Duty.MANAGE_USERS)
            keep_an_admin(connection, user_id)
        acting_for(connection, user_id)
        connection.execute(sa.delete(USERS).where(USERS.c.id == user_id))


def _proven(database: Database, user_id: str, password: str, throttle: Throttle) -> "sa.Row[*tuple[Any, ...]]":
    """E-mail, username and role of the user whose password was given."""
    columns = (USERS.c.hashed_password, USERS.c.email, USERS.c.username, USERS.c.role)
    password_tried(throttle, user_id, None)
    found = _own_row(database, user_id, columns)
    if not passwords.verify(password, found.hashed_password).is_right:
        raise WrongPassword("The password is wrong.")
    password_right(throttle, user_id, None)
    return found


def _own_row(database: Database, user_id: str, columns: tuple[Any, ...]) -> "sa.Row[*tuple[Any, ...]]":
    with database.reading() as connection:
        acting_for(connection, user_id)
        row = connection.execute(sa.select(*columns).where(USERS.c.id == user_id)).first()
    if row is None:
        raise no_such_user()
    return row
