"""PostgreSQL's own files: tables written anew, since a deleted row's bytes stay in its page for a while."""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import psycopg
from psycopg.errors import InsufficientPrivilege, LockNotAvailable, UndefinedTable

from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.postgres.failures import explained
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.sql import Sql, joined, name

SCHEMA = "web_events"
LOCK_WAIT_S = 3
TRIES = 40
PAUSE_S = 0.25
KEYS, REJECTS, LOG = "event_key", "failed_event", "event_log"
STATISTICS = ("pg_catalog", "pg_statistic")
"""Holds frequent values of every column."""
Connection = psycopg.Connection[tuple[object, ...]]


class LogTooBusy(Conflict):
    """A table stayed in use, so that it could not be written anew."""


def rewrite(owner_url: str, received_dates: Iterable[date]) -> list[str]:
    """Write the log's partitions of these days, keys, rejects and statistics anew; the tables that may not be.

    Each table is locked while it is written; events that come meanwhile wait, or go to the spool. The old files are
    emptied at once. A role that does not own a table is let do nothing. Raises `LogTooBusy`, `Unavailable`.
    """
    partitions = [LOG + "_" + day.strftime("%Y%m%d") for day in sorted(set(received_dates))]
    tables = [(SCHEMA, table) for table in (*partitions, REJECTS, KEYS)]
    with explained(), psycopg.connect(conninfo(owner_url), autocommit=True, application_name="erase") as connection:
        connection.execute(Sql("SET lock_timeout = {time}").fill(time=Sql(str(int(LOCK_WAIT_S * 1000)))).text.encode())
        connection.execute("SET statement_timeout = 0")
        refused = list(_refused(connection, tables))
        if _has_statistics(connection):
            _patiently(connection, "ANALYZE {table}", (SCHEMA, LOG))
        refused += _refused(connection, [STATISTICS])
        _checkpoint(connection)
    return refused


def _refused(connection: Connection, tables: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Write the tables anew; PostgreSQL only warns where it does not, so the file's number tells."""
    for table in tables:
        before = _file_number(connection, table)
        if before is None:
            continue
        _patiently(
            connection, "VACUUM (FULL, ANALYZE) {table}" if table != STATISTICS else "VACUUM (FULL) {table}", table
        )
        if _file_number(connection, table) == before:
            yield table[1]


def _patiently(connection: Connection, statement: str, table: tuple[str, str]) -> None:
    """Ask again and again, a short while each: who waits for this lock makes all others wait behind it."""
    for _ in range(TRIES):
        try:
            connection.execute(Sql(statement).fill(table=_named(table)).text.encode())
        except LockNotAvailable:
            time.sleep(PAUSE_S)
        except UndefinedTable:  # retention has dropped the day meanwhile
            return
        else:
            return
    limit = str(TRIES) + " tries of " + str(LOCK_WAIT_S) + " s"
    raise LogTooBusy(table[1] + " is in use.", limit=limit, remedy="End what reads it for so long, and run it again.")


def _file_number(connection: Connection, table: tuple[str, str]) -> object:
    query = "SELECT pg_relation_filenode(to_regclass(%s))"
    (found,) = connection.execute(query, [_named(table).text]).fetchone() or (None,)
    return found


def _has_statistics(connection: Connection) -> bool:
    query = "SELECT EXISTS (SELECT FROM pg_stats WHERE schemaname = %s AND tablename = %s)"
    (found,) = connection.execute(query, [SCHEMA, LOG]).fetchone() or (False,)
    return bool(found)


def _checkpoint(connection: Connection) -> None:
    """Where the role may: then the write-ahead log of before is not needed any more, and is used again."""
    try:
        connection.execute("CHECKPOINT")
    except InsufficientPrivilege:
        return


def _named(table: tuple[str, str]) -> Sql:
    return joined((name(part) for part in table), ".")
