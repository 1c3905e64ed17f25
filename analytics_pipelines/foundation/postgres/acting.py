"""For whom a transaction acts: row-level security shows it that user's rows, or those that its duty needs.

    with database.writing() as connection:
        acting_for(connection, user_id)

What is said ends with the transaction, so that no connection of a pool remembers it.
"""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Connection

USER = "analytics.user_id"
DUTY = "analytics.duty"


class Duty(StrEnum):
    """Work that is no single user's; policies name the duties that they let through."""

    SIGN_IN = "sign-in"
    """Find whoever logs in or registers, before anybody is known."""
    MANAGE_USERS = "manage-users"
    SWEEP = "sweep"
    """Remove what has expired, of everybody."""
    AUDIT = "audit"
    """Read who did what, of everybody."""


def acting_for(connection: Connection, user_id: str) -> None:
    """Until the end of the transaction only this user's rows are there."""
    _say(connection, user_id, "")


def on_duty(connection: Connection, duty: Duty) -> None:
    """Until the end of the transaction the rows of all users are there, as far as the duty needs them."""
    _say(connection, "", duty)


def _say(connection: Connection, user_id: str, duty: str) -> None:
    said = sa.select(sa.func.set_config(USER, user_id, True), sa.func.set_config(DUTY, duty, True))
    connection.execute(said)
