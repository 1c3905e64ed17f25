"""What PostgreSQL's errors mean for us, without secrets, SQL or paths in the sentence."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from analytics_pipelines.foundation.errors import AnalyticsError, DiskFull, SetupError, TimedOut, Unavailable
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


@contextmanager
def explained() -> Iterator[None]:
    """Errors of the connection as `Unavailable`, `TimedOut` or `DiskFull`; those of statements pass unchanged."""
    try:
        yield
    except NoConnectionFree:
        raise Unavailable("All database connections are busy.", remedy="Try again in a moment.") from None
    except DBAPIError as error:
        raise (meaning(error.orig, is_broken=error.connection_invalidated) or error) from error.__cause__
    except psycopg.Error as error:
        raise (meaning(error) or error) from None


def meaning(error: BaseException | None, *, is_broken: bool = False) -> AnalyticsError | None:
    """The typed error for one of the driver, or None where the statement itself was at fault."""
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate or ""
    if state == "57014":
        return TimedOut("The database took too long.", remedy="Ask for less, or raise DATABASE_STATEMENT_TIMEOUT_S.")
    if state == "53100":
        return DiskFull("The database's disk is full.", remedy="Free some space and run it again.")
    is_connection = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and not state
    if is_broken or is_connection or state.startswith("08") or state in AWAY_STATES:
        return Unavailable(AWAY, remedy=TRY_LATER)
    return None


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
