"""What goes wrong at the source, as typed errors in words for who exports: no SQL, path, password or value in them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import psycopg

from analytics_pipelines.foundation.duck import translated
from analytics_pipelines.foundation.errors import AnalyticsError, Conflict, SetupError, TimedOut, Unavailable
from analytics_pipelines.foundation.postgres.failures import RightMissing, meaning, wrong_url

VARIABLE = "SOURCE_DATABASE_URL"
STARTS_OR_STOPS = "the database system is"
REASON = re.compile(r"(?:ERROR|FATAL):\s+(?P<reason>[^\n]+)")
AGAIN = "Run it again."
CLIENT_GAVE_UP = "57014"
SYNTAX_OR_ACCESS = "42"


class SnapshotTooOld(TimedOut):
    """The run took longer than its snapshot may live; nothing was published."""


class SourceTooSlow(TimedOut):
    """A statement at the source took longer than it may."""


class SourceLocked(Conflict):
    """Somebody holds a table of the source so that it can not even be read, e.g. while it is altered."""


class SourceRefused(SetupError):
    """The source does not run what the export asks: a table, a column, a right or a filter is wrong."""


class RowsNotWritable(SetupError):
    """Rows came that can not be written in the planned types."""


TOO_SLOW = (SourceTooSlow, "A statement at the source took too long.", "Raise EXPORT_STATEMENT_TIMEOUT_S.")
LOCKED = (SourceLocked, "A table of the source is locked by somebody else.", AGAIN)
TOO_OLD = (SnapshotTooOld, "The snapshot grew too old, and the source ended it.", "Raise EXPORT_SNAPSHOT_MAX_AGE_S.")
AWAY = (Unavailable, "The source went away.", AGAIN)
NOT_TEXT = (
    RowsNotWritable,
    "A text of the source is no valid UTF-8.",
    'Set types = { column = "bytes" } for such a column.',
)
TOO_LARGE = (RowsNotWritable, "A number does not fit the type that `types` asks for.", "Choose a larger one.")
CONFLICT = (Unavailable, "The standby needed to remove rows that the export still reads.", AGAIN)
STATES: dict[str, tuple[type[AnalyticsError], str, str]] = {
    CLIENT_GAVE_UP: TOO_SLOW,
    "55P03": LOCKED,
    "25P03": TOO_OLD,
    "25P04": TOO_OLD,
    "40001": CONFLICT,
    **dict.fromkeys(("22021", "22P05"), NOT_TEXT),
    "22003": TOO_LARGE,
}
"""By SQLSTATE."""
SIGNS: tuple[tuple[str, tuple[type[AnalyticsError], str, str]], ...] = (
    ("due to statement timeout", TOO_SLOW),
    ("due to lock timeout", LOCKED),
    ("due to idle-in-transaction timeout", TOO_OLD),
    ("due to transaction timeout", TOO_OLD),
    ("due to conflict with recovery", CONFLICT),
    ("invalid byte sequence for encoding|cannot be converted to|has no equivalent in encoding", NOT_TEXT),
    ("numeric field overflow|out of range", TOO_LARGE),
    ("Unable to connect to Postgres|no connection to the server|server closed the connection|SSL SYSCALL", AWAY),
    ("terminating connection|could not receive data|Connection (reset|refused)|the database system is", AWAY),
)
"""By what PostgreSQL says in English, where DuckDB hands on no SQLSTATE."""
RIGHT = re.compile(r"permission denied for \w+(?: \w+)? (?P<name>\S+)")
NAMED = re.compile(r"does not exist|syntax error|is ambiguous|permission denied|must appear in the GROUP BY")


@contextmanager
def source_errors() -> Iterator[None]:
    """Errors of psycopg and of DuckDB's reader as typed ones.

    Raises `SnapshotTooOld`, `SourceTooSlow`, `SourceLocked`, `RightMissing`, `SourceRefused`, `RowsNotWritable`,
    `Unavailable`, `DiskFull`.
    """
    try:
        yield
    except psycopg.Error as error:
        raise of_driver(error) from None
    except duckdb.Error as error:
        # The message quotes the statement, which may hold the key of masked columns.
        raise of_reader(error) from None


def of_connecting(error: psycopg.Error) -> AnalyticsError:
    """Why the source could not be reached: `WrongDatabaseUrl`, or `Unavailable` while it starts or stops."""
    if STARTS_OR_STOPS in str(error):
        return Unavailable("The source is starting or stopping.", remedy="Run it again in a moment.")
    return wrong_url(error, VARIABLE)


def of_driver(error: psycopg.Error) -> AnalyticsError:
    """The typed error for one of psycopg."""
    state = error.sqlstate or ""
    if state in STATES:
        kind, detail, remedy = STATES[state]
        return kind(detail, remedy=remedy)
    if state.startswith(SYNTAX_OR_ACCESS):
        return refused(str(error.diag.message_primary))
    found = meaning(error)
    if isinstance(found, Unavailable):
        return AWAY[0](AWAY[1], remedy=AWAY[2])
    return found or SourceRefused("The source stopped the reading (SQLSTATE " + (state or "unknown") + ").")


def of_reader(error: duckdb.Error) -> AnalyticsError:
    """The typed error for one that DuckDB raised while it read the source or wrote its rows."""
    told = str(error)
    for sign, (kind, detail, remedy) in SIGNS:
        if re.search(sign, told):
            return kind(detail, remedy=remedy)
    try:
        with translated():
            raise error
    except AnalyticsError as known:
        return known
    except duckdb.Error:
        found = REASON.search(told)
    if found is None:
        return RowsNotWritable("Rows of the source can not be written as planned (" + type(error).__name__ + ").")
    if NAMED.search(found["reason"]):
        return refused(found["reason"])
    return SourceRefused("The source stopped the reading.", remedy="Its log says why.")


def refused(reason: str) -> AnalyticsError:
    """PostgreSQL's own words on a name, a right or the syntax, which hold no values."""
    if found := RIGHT.search(reason):
        remedy = "The role of " + VARIABLE + " needs the right SELECT on it: GRANT SELECT."
        return RightMissing("The role may not read " + found["name"] + " of the source.", remedy=remedy)
    return SourceRefused("The source says: " + reason + ".", remedy="Check the table's filter, columns and rights.")
