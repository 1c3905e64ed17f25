"""Events on this machine's disk while PostgreSQL is away: one SQLite file, shared by the workers.

Besides, it remembers what a worker needs that starts while PostgreSQL is away. A process that uses the file must not
open it by other means: closing any descriptor of it takes away SQLite's locks.
"""

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import orjson

from analytics_pipelines.foundation.errors import Conflict, Unavailable
from analytics_pipelines.foundation.files import NO_SPACE, locked, make_folders, sync_folder
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.web_events.intake.entries import Entry

FILE_NAME = "spool.sqlite"
BUSY_S = 5.0
FREE_BYTES = 2 * 2**20
"""Left on the disk, so that draining can still write down what it has done."""
MOST_READ_BYTES = 4 * 2**20
OPENING = (
    "PRAGMA auto_vacuum = INCREMENTAL",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
)
TABLES = (
    """CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,
    site_id TEXT NOT NULL, received_at TEXT NOT NULL, body BLOB NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS total (one INTEGER PRIMARY KEY CHECK (one = 1), events INTEGER, bytes INTEGER)",
    "CREATE TABLE IF NOT EXISTS memory (kind TEXT PRIMARY KEY, value BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "INSERT OR IGNORE INTO total VALUES (1, 0, 0)",
)
APPEND = "INSERT INTO entry (kind, site_id, received_at, body) VALUES (?, ?, ?, ?)"
ADD = "UPDATE total SET events = events + ?, bytes = bytes + ?"
READ = "SELECT number, kind, site_id, received_at, body FROM entry WHERE number > ? ORDER BY number LIMIT ?"
REMOVED = "SELECT count(*), coalesce(sum(length(body)), 0) FROM entry WHERE number <= ?"
COUNT = "SELECT substr(received_at, 1, 10), site_id, count(*) FROM entry WHERE number > ? GROUP BY 1, 2 ORDER BY 1, 2"


class SpoolFull(Unavailable):
    """The spool or its disk has no room for the events; nothing of them was kept."""


class SpoolBroken(Unavailable):
    """The spool's disk failed, or other workers kept its file for too long."""


@dataclass(frozen=True, slots=True)
class Total:
    """What waits: entries, bytes of their bodies, and when the first of them was received."""

    events: int
    bytes: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Numbered:
    """An entry and its number; numbers grow, and none is ever given twice."""

    number: int
    entry: Entry


class Spool:
    """May be used by any thread. Every method may raise `SpoolFull` or `SpoolBroken`, and the next one tries anew."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.file = folder / FILE_NAME
        self._most_bytes = most_bytes
        self._guard = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The spool of this machine; its file is made at first use."""
        return cls(settings.home.spool, settings.spool_max_bytes)

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept."""
        return self.file.is_file()

    @property
    def spool_id(self) -> str:
        """The name of this file among all spools."""
        with self._reading() as connection:
            (found,) = connection.execute("SELECT value FROM meta WHERE name = 'spool_id'").fetchone()
            return str(found)

    def append(self, entries: Sequence[Entry]) -> None:
        """Keep all of them, in order, or none; on return they are on the disk."""
        more = sum(len(entry.body) for entry in entries)
        rows = [(each.kind, each.site_id, each.received_at.isoformat(), each.body) for each in entries]
        with self._writing() as connection:
            self._must_have_room(connection, more)
            connection.executemany(APPEND, rows)
            connection.execute(ADD, (len(rows), more))

    def after(self, number: int, most: int) -> list[Numbered]:
        """At most that many entries behind `number`, in order; fewer, but one at least, where they are large."""
        found: list[Numbered] = []
        size = 0
        with self._reading() as connection:
            for number_, kind, site_id, received_at, body in connection.execute(READ, (number, most)):
                size += len(body)
                if found and size > MOST_READ_BYTES:
                    break
                found.append(Numbered(number_, Entry(kind, site_id, datetime.fromisoformat(received_at), body)))
        return found

    def forget(self, number: int) -> None:
        """Remove the entries up to that number, and give back the disk once nothing waits."""
        with self._writing() as connection:
            events, size = connection.execute(REMOVED, (number,)).fetchone()
            connection.execute("DELETE FROM entry WHERE number <= ?", (number,))
            connection.execute(ADD, (-events, -size))
        if self.total().events == 0:
            self._shrink()

    def total(self) -> Total:
        """What waits now."""
        with self._reading() as connection:
            events, size = connection.execute("SELECT events, bytes FROM total").fetchone()
            first = connection.execute("SELECT received_at FROM entry ORDER BY number LIMIT 1").fetchone()
        return Total(events, size, datetime.fromisoformat(first[0]) if first else None)

    def counts_after(self, number: int) -> dict[tuple[str, str], int]:
        """How many entries wait behind `number` by UTC day of receipt (ISO 8601) and site."""
        with self._reading() as connection:
            return {(day, site): events for day, site, events in connection.execute(COUNT, (number,))}

    def remember(self, kind: str, value: dict[str, Any] | None) -> None:
        """Keep the value under that name, None to forget it."""
        with self._writing() as connection:
            if value is None:
                connection.execute("DELETE FROM memory WHERE kind = ?", (kind,))
            else:
                connection.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", (kind, orjson.dumps(value)))

    def recall(self, kind: str) -> dict[str, Any] | None:
        """The value kept under that name, or None."""
        with self._reading() as connection:
            found = connection.execute("SELECT value FROM memory WHERE kind = ?", (kind,)).fetchone()
        return orjson.loads(found[0]) if found else None

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._guard:
            self._drop()

    def _must_have_room(self, connection: sqlite3.Connection, more: int) -> None:
        (waiting,) = connection.execute("SELECT bytes FROM total").fetchone()
        if waiting + more > self._most_bytes:
            raise SpoolFull(
                "The spool is full.", limit=str(self._most_bytes) + " bytes", remedy="Bring PostgreSQL back."
            )
        if shutil.disk_usage(self.file.parent).free < FREE_BYTES + more:
            raise _full()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A handle that has met an error is never used again: what a failed flush left behind is not known."""
        with self._guard:
            try:
                self._connection = self._connection or self._opened()
                yield self._connection
            except sqlite3.Error as error:
                self._drop()
                raise _meaning(error) from error
            except (OSError, Conflict) as error:
                self._drop()
                raise _meaning(error) from error

    def _opened(self) -> sqlite3.Connection:
        folder = self.file.parent
        make_folders(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        with locked(folder / "opening.lock", wait_s=BUSY_S):
            _make_private(self.file)
            connection = sqlite3.connect(self.file, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            try:
                _set_up(connection)
            except BaseException:
                connection.close()
                raise
            sync_folder(folder)
        return connection

    def _shrink(self) -> None:
        """Of no importance when others are at work in the file."""
        with self._guard, suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.execute("PRAGMA busy_timeout = 0")
                self._connection.executescript("PRAGMA incremental_vacuum")  # execute() would give back one page
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._connection.execute("PRAGMA busy_timeout = " + str(int(BUSY_S * 1000)))

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def _make_private(file: Path) -> None:
    """A file that is there must not be touched: closing it would take away the locks that SQLite holds on it."""
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _set_up(connection: sqlite3.Connection) -> None:
    for pragma in OPENING:
        connection.execute(pragma).fetchall()
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        return
    connection.execute("BEGIN IMMEDIATE")
    for table in TABLES:
        connection.execute(table)
    connection.execute("INSERT INTO meta VALUES ('spool_id', ?)", (uuid4().hex,))
    connection.execute("COMMIT")


def _meaning(error: sqlite3.Error | OSError | Conflict) -> Unavailable:
    is_full = isinstance(error, OSError) and error.errno in NO_SPACE
    if is_full or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return _full()
    return SpoolBroken("The spool's file can not be used.", remedy="Check the disk of ANALYTICS_HOME/spool.")


def _full() -> SpoolFull:
    return SpoolFull("The spool's disk is full.", remedy="Free some space below ANALYTICS_HOME.")
