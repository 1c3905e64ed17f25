"""The visitor in this machine's spool; the bytes are overwritten, in the file and in its write-ahead log."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from analytics_pipelines.foundation.errors import Conflict, Unavailable
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations.erasure.visitor import Visitor
from analytics_pipelines.web_events.intake.batch import Item
from analytics_pipelines.web_events.intake.entries import Entry, item_of
from analytics_pipelines.web_events.intake.spool import Spool

BUSY_S = 10.0
TRIES = 40
PAUSE_S = 0.25
ENTRIES = "SELECT number, kind, site_id, received_at, body FROM entry"
DELETE = "DELETE FROM entry WHERE number = ?"
RECOUNT = (
    "UPDATE total SET events = (SELECT count(*) FROM entry), bytes = (SELECT coalesce(sum(length(body)), 0) FROM entry)"
)


class SpoolBusy(Conflict):
    """Others read the spool without a pause, so that its log could not be emptied."""


def erase_from_spool(settings: Settings, visitor: Visitor) -> int:
    """Delete the visitor's entries and overwrite them; how many there were. Raises `SpoolBusy`, `Unavailable`."""
    file = Spool.of(settings).file
    if not file.is_file():
        return 0
    with _opened(file.as_posix()) as connection:
        connection.execute("BEGIN IMMEDIATE")
        theirs = _theirs(connection, visitor)
        connection.executemany(DELETE, [(number,) for number in theirs])
        connection.execute(RECOUNT)
        connection.execute("COMMIT")
        _empty_log(connection)
    return len(theirs)


def count_in_spool(settings: Settings, visitor: Visitor) -> int:
    """How many entries of the visitor wait. Raises `Unavailable`."""
    file = Spool.of(settings).file
    if not file.is_file():
        return 0
    with _opened(file.as_posix()) as connection:
        return len(_theirs(connection, visitor))


def links_in_spool(settings: Settings, site_id: str) -> set[tuple[str, str]]:
    """Pairs of ids that one visitor of the site has on neighbouring days, among the entries. Raises `Unavailable`."""
    file = Spool.of(settings).file
    if not file.is_file():
        return set()
    with _opened(file.as_posix()) as connection:
        items = [item for _, item in _items(connection) if item.site_id == site_id]
    return {(each.visitor_id, each.visitor_id_before) for each in items if each.visitor_id and each.visitor_id_before}


@contextmanager
def _opened(file: str) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(file, timeout=BUSY_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON").fetchall()
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
    except sqlite3.Error as error:
        raise Unavailable("The spool's file can not be used.", remedy="Check the disk, and run it again.") from error


def _theirs(connection: sqlite3.Connection, visitor: Visitor) -> list[int]:
    return [number for number, item in _items(connection) if visitor.is_theirs(item)]


def _items(connection: sqlite3.Connection) -> Iterator[tuple[int, Item]]:
    for number, kind, site_id, received_at, body in connection.execute(ENTRIES):
        yield number, item_of(Entry(kind, site_id, datetime.fromisoformat(received_at), body))


def _empty_log(connection: sqlite3.Connection) -> None:
    """The log holds the pages as they were; TRUNCATE leaves nothing of them, once nobody reads."""
    for _ in range(TRIES):
        (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not is_busy:
            return
        time.sleep(PAUSE_S)
    raise SpoolBusy("The spool is in use.", remedy="Run it again.")
