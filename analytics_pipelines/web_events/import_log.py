"""Imports access logs: every line that can be read becomes an event, every other one is kept with its reason.

An imported line's receipt is its own time. Its id is a hash of site, line and occurrence, so that identical
lines stay apart and a second import, or one of the same log grown longer, adds only what is new.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.event import MOST_CHARACTERS, MOST_EVENT_BYTES, Reason, Sender
from analytics_pipelines.web_events.event_ids import digest
from analytics_pipelines.web_events.log_file import Line, numbered_lines, opened_log
from analytics_pipelines.web_events.log_lines import Hit, MalformedLine, parse_line
from analytics_pipelines.web_events.partitions import create_partitions
from analytics_pipelines.web_events.tables import FAILED_EVENT
from analytics_pipelines.web_events.visitors import network_of, visitor_of

BATCH_LINES = 5_000
AHEAD = timedelta(days=1)


class NotALog(BadInput):
    """No line of the file, or of its long beginning, is an access log's."""


class BadSiteId(BadInput):
    """The site's id is empty, too long, or holds what PostgreSQL's text does not."""


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """One malformed line by its number, and what is wrong with it."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; `lines` are all that are not blank, `days` the UTC days with their events, known or new."""

    site_id: str
    lines: int
    stored: int
    duplicates: int
    rejected: tuple[RejectedLine, ...]
    days: dict[date, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that became an event."""

    event_id: str
    hit: Hit


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that did not."""

    failed_id: str
    number: int
    line: bytes
    reason: str


def import_log(
    database: Database, file: Path, site: str, *, progress: Callable[[int], None] | None = None
) -> ImportReport:
    """Store the log's events under `site`, which is registered when it is new; each batch commits whole.

    `progress` is told how many lines each batch had. Raises `NoSuchLog`, `UnreadableLog`, `NotALog` (nothing is
    stored then), `BadSiteId`, `Unavailable`.
    """
    _must_be_site_id(site)
    work = _Import(database, site)
    with opened_log(file) as stream:
        lines = numbered_lines(stream)
        while batch := list(islice(lines, BATCH_LINES)):
            work.take(batch)
            if progress:
                progress(len(batch))
    if not work.days:
        raise NotALog("The file holds no line of an access log.")
    return work.report


def _must_be_site_id(site: str) -> None:
    most = MOST_CHARACTERS["site_id"]
    if not (0 < len(site) <= most and site.isprintable()):
        raise BadSiteId("A site's id is printable text.", limit=str(most) + " characters")


class _Import:
    """One import under way: what was seen, and what came of it."""

    def __init__(self, database: Database, site: str) -> None:
        self.days: Counter[date] = Counter()
        self._database = database
        self._site = site
        self._at = now()
        self._seen: Counter[str] = Counter()
        self._stored = 0
        self._lines = 0
        self._rejected: list[RejectedLine] = []
        self._waiting: list[Malformed] = []

    def take(self, batch: list[Line]) -> None:
        """Store a batch; malformed lines wait until a first event shows that the file is a log at all."""
        parsed = [self._parsed(line) for line in batch]
        entries = [each for each in parsed if isinstance(each, Entry)]
        self._waiting += [each for each in parsed if isinstance(each, Malformed)]
        self._lines += len(batch)
        self.days.update(entry.hit.at.date() for entry in entries)
        if not self.days:
            raise NotALog("The file does not begin like an access log: " + self._waiting[0].reason + ".")
        create_partitions(self._database, {entry.hit.at.date() for entry in entries})
        with self._database.writing() as connection:
            self._stored += self._keep(connection, entries)
            self._keep_malformed(connection)

    @property
    def report(self) -> ImportReport:
        """What came of it so far."""
        duplicates = self.days.total() - self._stored
        days = dict(sorted(self.days.items()))
        return ImportReport(self._site, self._lines, self._stored, duplicates, tuple(self._rejected), days)

    def _parsed(self, line: Line) -> Entry | Malformed:
        number, content = line
        base = digest(self._site.encode(), content)
        self._seen[base] += 1
        event_id = digest(base.encode(), str(self._seen[base]).encode())
        try:
            hit = parse_line(content, self._at + AHEAD)
        except MalformedLine as malformed:
            return Malformed(event_id, number, content, malformed.detail)
        return Entry(event_id, hit)

    def _keep(self, connection: sa.Connection, entries: list[Entry]) -> int:
        """Events that were not there yet."""
        if not entries:
            return 0
        sites.register(connection, self._site, self._at)
        key = sites.visitor_key(connection, self._site)
        connection.exec_driver_sql(from_file(__package__, "make_incoming").text)
        driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
        with driver.cursor() as cursor, cursor.copy(from_file(__package__, "copy_incoming").text) as copy:
            for entry in entries:
                copy.write_row(_row(self._site, key, entry))
        return connection.exec_driver_sql(from_file(__package__, "keep_incoming").text).rowcount

    def _keep_malformed(self, connection: sa.Connection) -> None:
        if not self._waiting:
            return
        rows = [self._failed(each) for each in sorted(self._waiting, key=lambda each: each.failed_id)]
        connection.execute(insert(FAILED_EVENT).on_conflict_do_nothing(), rows)
        self._rejected += [RejectedLine(each.number, each.reason) for each in self._waiting]
        self._waiting = []

    def _failed(self, malformed: Malformed) -> dict[str, object]:
        return {
            "failed_id": malformed.failed_id,
            "site_id": self._site,
            "source": "log",
            "reason": Reason.MALFORMED_LINE.value,
            "detail": malformed.reason,
            "payload": malformed.line[:MOST_EVENT_BYTES],
            "line_number": malformed.number,
            "received_at": self._at,
        }


def _row(site: str, key: bytes, entry: Entry) -> tuple[object, ...]:
    """The columns of copy_incoming.sql."""
    hit = entry.hit
    return (
        site,
        entry.event_id,
        "pageview" if hit.is_pageview else "request",
        visitor_of(key, site, Sender(hit.address, hit.agent)),
        hit.at,
        hit.at,
        hit.target,
        hit.referrer,
        network_of(hit.address),
        hit.agent,
        json.dumps(_payload(hit)),
        "log",
        ["visitor_derived"],
    )


def _payload(hit: Hit) -> dict[str, object]:
    logged: dict[str, object] = {
        "method": hit.method,
        "status": hit.status,
        "bytes": hit.size_bytes,
        "protocol": hit.protocol,
    }
    return logged if hit.is_pageview else {**logged, "interactive": False}
