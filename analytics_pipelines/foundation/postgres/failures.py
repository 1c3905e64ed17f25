"""What PostgreSQL's errors mean for us, without secrets, SQL or paths in the sentence."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from analytics_pipelines.foundation.errors import AnalyticsError, BadInput, DiskFull, SetupError, TimedOut, Unavailable
from analytics_pipelines.foundation.postgres.urls import conninfo

AWAY = "The database is away."
TRY_LATER = "Try again in a moment; `analytics up` restarts it."
AWAY_STATES = {"57P01", "57P02", "57P03", "53300"}
"""Shut down by the administrator, crash of another backend, starting up, too many connections."""
HOST_AND_PORT = "Check host and port in {variable}."
WRONG: tuple[tuple[str, str, str], ...] = (
    ("password authentication failed", "The database refuses the user or the password.", "Check both in {variable}."),
    ("no password supplied", "The database asks for a password.", "Put it into {variable}."),
    ('role ".*" does not exist', "The database knows no such user.", "Check the user in {variable}."),
    ('database ".*" does not exist', "The server has no database of that name.", "Check the name in {variable}."),
    ("permission denied for database", "The user may not use the database.", "Check both in {variable}."),
    ("no pg_hba.conf entry", "The server lets nobody in from here.", "Allow this host in its pg_hba.conf."),
    ("too many (clients|connections)", "The server has no connection free.", "Try again in a moment."),
    ("failed to resolve|could not translate host", "The database's host is not known.", "Check it in {variable}."),
    ("Connection refused", "Nothing listens at the database's host and port.", "Start it, or check {variable}."),
    ("No such file or directory", "No server listens at the database's socket.", "Start it, or check {variable}."),
    ("timeout|timed out", "The database's host does not answer.", HOST_AND_PORT),
    ("invalid response|but received|closed the connection", "What answers there is not PostgreSQL.", HOST_AND_PORT),
)
"""What libpq says, what we say, and the remedy."""


class WrongDatabaseUrl(SetupError):
    """The server can not be used as the URL says: host, user, password or database is wrong."""


class NotMigrated(Unavailable):
    """The database lacks tables that this version needs."""


class RightMissing(SetupError):
    """The role may not do what is asked of it."""


class TextNotStorable(BadInput):
    """A text holds NUL or half of a surrogate pair, which PostgreSQL takes in no value, not even to compare with."""


OUTDATED = (NotMigrated, "The database lacks tables of this version.", "Run `analytics migrate`.")
MEANINGS: dict[str, tuple[type[AnalyticsError], str, str]] = {
    "57014": (TimedOut, "The database took too long.", "Ask for less, or raise DATABASE_STATEMENT_TIMEOUT_S."),
    "53100": (DiskFull, "The database's disk is full.", "Free some space and run it again."),
    "42501": (
        RightMissing,
        "The database's role lacks a right.",
        "Run `analytics migrate` with DATABASE_OWNER_URL, the role that owns the tables: it grants them.",
    ),
    **dict.fromkeys(("42P01", "42703", "42883", "3F000"), OUTDATED),
}
"""By SQLSTATE: what happened and the remedy; the last are an unknown table, column, function or schema."""


@contextmanager
def explained(*, is_migrating: bool = False) -> Iterator[None]:
    """Errors that are not the statement's own as typed ones; those of statements pass unchanged.

    They are `Unavailable`, `NotMigrated` (never to who is migrating), `RightMissing`, `TimedOut`, `DiskFull` and
    `TextNotStorable`.
    """
    try:
        yield
    except NoConnectionFree:
        raise Unavailable("All database connections are busy.", remedy="Try again in a moment.") from None
    except DBAPIError as error:
        found = meaning(error.orig, is_broken=error.connection_invalidated)
        if found is None or (is_migrating and isinstance(found, NotMigrated)):
            raise
        raise found from error.__cause__
    except psycopg.Error as error:
        raise (meaning(error) or error) from None
    except UnicodeEncodeError:
        raise _not_storable() from None


def meaning(error: BaseException | None, *, is_broken: bool = False) -> AnalyticsError | None:
    """The typed error for one of the driver, or None where the statement itself was at fault."""
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate or ""
    if state in MEANINGS:
        kind, detail, remedy = MEANINGS[state]
        return kind(detail, remedy=remedy)
    if isinstance(error, psycopg.DataError) and not state and "NUL" in str(error):
        return _not_storable()
    is_connection = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and not state
    if is_broken or is_connection or state.startswith("08") or state in AWAY_STATES:
        return Unavailable(AWAY, remedy=TRY_LATER)
    return None


def _not_storable() -> TextNotStorable:
    return TextNotStorable("A text holds NUL or half of a surrogate pair.", remedy="Leave such characters out.")


def wrong_url(error: psycopg.Error, variable: str) -> WrongDatabaseUrl:
    """One clear line for a first connection that failed."""
    told = str(error)
    for sign, detail, remedy in WRONG:
        if re.search(sign, told):
            return WrongDatabaseUrl(detail, remedy=remedy.replace("{variable}", variable))
    return WrongDatabaseUrl("The database can not be reached.", remedy="Check " + variable + ".")


def check(url: str, variable: str = "DATABASE_URL") -> None:
    """Connect once; raises `WrongDatabaseUrl` that says which part of the URL is at fault."""
    try:
        psycopg.connect(conninfo(url), connect_timeout=5, application_name="analytics check").close()
    except psycopg.Error as error:
        raise wrong_url(error, variable) from None
