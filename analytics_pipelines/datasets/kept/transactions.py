"""Transactions that act for somebody: without one of these there are no rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from analytics_pipelines.foundation.postgres.acting import Duty, acting_for, on_duty
from analytics_pipelines.foundation.postgres.database import Database


@contextmanager
def reading_for(database: Database, user_id: str) -> Iterator[Connection]:
    """A read-only transaction in which only this user's rows are there; raises `Unavailable`."""
    with database.reading() as connection:
        acting_for(connection, user_id)
        yield connection


@contextmanager
def writing_for(database: Database, user_id: str) -> Iterator[Connection]:
    """The same to change them, committed at the end; raises `Unavailable`."""
    with database.writing() as connection:
        acting_for(connection, user_id)
        yield connection


@contextmanager
def reading_on_duty(database: Database, duty: Duty) -> Iterator[Connection]:
    """A read-only transaction with the rows of all users, as far as the duty needs them; raises `Unavailable`."""
    with database.reading() as connection:
        on_duty(connection, duty)
        yield connection


@contextmanager
def writing_on_duty(database: Database, duty: Duty) -> Iterator[Connection]:
    """The same to change them, committed at the end; raises `Unavailable`."""
    with database.writing() as connection:
        on_duty(connection, duty)
        yield connection
