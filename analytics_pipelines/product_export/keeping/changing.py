"""One transaction of the product's rows, and what its constraints mean."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from analytics_pipelines.foundation.errors import BadInput, Conflict
from analytics_pipelines.foundation.postgres.database import Database


class EmailTaken(Conflict):
    """Another user has the address, perhaps in another case."""


class UnknownOwner(BadInput):
    """The item's owner is no user of the product."""


def email_taken() -> EmailTaken:
    """The error of an address that another user has."""
    return EmailTaken("Another user has this address.", remedy="Addresses are unique, whatever their case.")


@contextmanager
def changing(database: Database) -> Iterator[Session]:
    """A session whose transaction is committed at the end; flush before you read what the database has made.

    Raises `EmailTaken`, `UnknownOwner`, `TextNotStorable`, or `Unavailable`, and then nothing is changed.
    """
    try:
        with database.writing() as connection, Session(connection) as session:
            yield session
            session.flush()
    except IntegrityError as error:
        raise _meaning(error) from None


@contextmanager
def looking(database: Database) -> Iterator[Session]:
    """A session that only reads; raises `Unavailable`."""
    with database.reading() as connection, Session(connection) as session:
        yield session


def _meaning(error: IntegrityError) -> Exception:
    broken = error.orig.diag.constraint_name if isinstance(error.orig, psycopg.Error) else None
    if broken == "users_email_key":
        return email_taken()
    if broken == "items_owner_id_fkey":
        return UnknownOwner("No user has the number of the owner.", remedy="GET /api/v1/users lists them.")
    return error
