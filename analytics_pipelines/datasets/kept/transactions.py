"""Transactions that act for somebody: without one of these there are no rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from analytics_pipelines.foundation.postgres.acting import Duty, acting_for, on_duty
from analytics_pipelines.foundation.postgres.database import Database


@contextmanager
def reading_for(database: Database, whom: str | Duty) -> Iterator[Connection]:
    """A read-only transaction with this user's rows alone, or with all that a duty needs; raises `Unavailable`."""
    with database.reading() as connection:
        _act(connection, whom)
        yield connection


@contextmanager
def writing_for(database: Database, whom: str | Duty) -> Iterator[Connection]:
    """The same to change them, committed at the end; raises `Unavailable`."""
    with database.writing() as connection:
        _act(connection, whom)
        yield connection


def _act(connection: Connection, whom: str | Duty) -> None:
    if isinstance(whom, Duty):
        on_duty(connection, whom)
    else:
        acting_for(connection, whom)
