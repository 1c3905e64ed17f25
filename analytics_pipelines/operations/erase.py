"""Erasing a visitor: suppress, then spool, event log, lake, generations, in this order, and a look at what is left.

Each step can be done again, and finds by itself what is left to do, so that a killed erasure is finished by the next.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa

from analytics_pipelines.catalog.tables import TABLES, with_exported
from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations.erasure import generations, lake, log, spool
from analytics_pipelines.operations.erasure.note import end, noted
from analytics_pipelines.operations.erasure.rewrite import rewrite
from analytics_pipelines.operations.erasure.visitor import Visitor, linked
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.serving.duckdb_file import drop_duckdb_file, keep_duckdb_file
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.suppress import digest_of, suppress
from analytics_pipelines.web_events.tables import RAW_EVENTS

ROUNDS = 3
"""Events that were on their way when the visitor was suppressed are found by the next look."""
READERS_WAIT_S = 60.0
SPOOL, EVENTS, REJECTS, GENERATIONS = "spool", "event_log", "failed_event", "generations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What an erasure works with; `owner_url` is of the role that owns the tables, `database` patient.

    `remake` makes the touched days anew, `stale_s` is how long the API may not know yet who is suppressed.
    """

    settings: Settings
    database: Database
    owner_url: str
    lake: Lake
    remake: Callable[[], None]
    now: Callable[[], datetime]
    tell: Callable[[str], None] = lambda _: None
    stale_s: float = 0.0


@dataclass(slots=True)
class Report:
    """Rows removed by place, ids that were linked, and what is left: rows by place, empty when all is gone."""

    visitor_id: str
    ids: frozenset[str]
    removed: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    not_rewritten: tuple[str, ...] = ()
    """Tables whose files still hold deleted rows, since the role does not own them."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left in any place."""
        return not self.left and not self.not_rewritten


def erase_visitor(parts: Parts, site_id: str, visitor_id: str) -> Report:
    """Remove every trace of the visitor and keep a keyed hash, so that nothing comes back.

    Raises `UnknownSite`, `Unavailable`, and `Conflict` where others stay in the way; then do it again.
    """
    sites.get(parts.database, site_id)
    report = Report(visitor_id, frozenset({visitor_id}))
    for number in range(ROUNDS):
        visitor = _suppressed(parts, site_id, report.ids)
        if number == 0 and parts.stale_s:
            parts.tell("waiting until every worker knows")
            time.sleep(parts.stale_s)
        report.ids = visitor.ids
        _erase(parts, visitor, report)
        report.left = _left(parts, visitor)
        if not report.left:
            break
    if report.is_complete:
        with parts.database.writing() as connection:
            end(connection, site_id, _digest(connection, visitor, report), parts.now())
    return report


def _suppressed(parts: Parts, site_id: str, ids: frozenset[str]) -> Visitor:
    """The visitor with all linked ids, on the list from now on."""
    links = lake.links_in(parts.lake, site_id) | spool.links_in_spool(parts.settings, site_id)
    found, before = ids, frozenset[str]()
    with parts.database.reading() as connection:
        while found != before:
            before, found = found, log.linked_visitors(connection, site_id, linked(found, links))
    with parts.database.writing() as connection:
        suppress(connection, site_id, sites.visitor_key(connection, site_id), found, parts.now())
    return Visitor(site_id, found)


def _erase(parts: Parts, visitor: Visitor, report: Report) -> None:
    parts.tell("spool and event log")
    report.removed[SPOOL] += spool.erase_from_spool(parts.settings, visitor)
    held = lake.held_in(parts.lake, visitor)
    days = _erase_from_log(parts, visitor, held, report)
    report.not_rewritten = tuple(rewrite(parts.owner_url, days)) if days else ()
    parts.tell("lake")
    _erase_from_lake(parts, visitor, held, report)
    parts.remake()
    lake.outlive_writers(parts.lake, parts.settings.home.staging)
    parts.tell("generations")
    build_generation(parts.settings, parts.lake, with_exported(TABLES, parts.settings, parts.lake))
    if not keep_duckdb_file(parts.settings):
        drop_duckdb_file(parts.settings)
    retired = generations.retire_others(GenerationFolders.of(parts.settings.home), wait_s=READERS_WAIT_S)
    report.removed[GENERATIONS] += len(retired.removed)


def _erase_from_log(parts: Parts, visitor: Visitor, held: Sequence[lake.Held], report: Report) -> frozenset[date]:
    """Days whose partitions are to be written anew, with those that a killed try had left."""
    raw = [each.day for each in held if each.table is RAW_EVENTS]
    with parts.database.writing() as connection:
        removed = log.erase_from_log(connection, visitor, parts.now())
        dropped = log.dropped_dates(connection).intersection(raw)
        digest = _digest(connection, visitor, report)
        days = noted(connection, visitor.site_id, digest, removed.received_dates | dropped, parts.now())
    for day in dropped:
        _uncount_dropped(parts, visitor, day)
    report.removed[EVENTS] += removed.events
    report.removed[REJECTS] += removed.rejects
    return days


def _uncount_dropped(parts: Parts, visitor: Visitor, day: date) -> None:
    """Once: an event whose key is gone has been counted out already."""
    sources = lake.sources_of(parts.lake, visitor, day)
    with parts.database.writing() as connection:
        gone = log.erase_keys(connection, visitor.site_id, sources.keys())
        if gone:
            checksum = lake.checksum_of(parts.lake, visitor.site_id, day, gone)
            log.uncount_dropped(connection, visitor.site_id, day, [sources[each] for each in gone], checksum)


def _erase_from_lake(parts: Parts, visitor: Visitor, held: Sequence[lake.Held], report: Report) -> None:
    """Touch the days of all that is derived, and write raw days without the visitor."""
    raw = [each.day for each in held if each.table is RAW_EVENTS]
    with parts.database.writing() as connection:
        log.touch(connection, {each.day for each in held if each.table is not RAW_EVENTS}, "event", parts.now())
        log.touch(connection, raw, "received", parts.now())
    for day in raw:
        lake.erase_raw(parts.lake, visitor, day)
    for each in held:
        report.removed[each.table.name] += each.rows


def _digest(connection: sa.Connection, visitor: Visitor, report: Report) -> str:
    """The one that was asked for, under which a second try finds what the first had left."""
    return digest_of(sites.visitor_key(connection, visitor.site_id), visitor.site_id, report.visitor_id)


def _left(parts: Parts, visitor: Visitor) -> Counter[str]:
    """Where the visitor still is."""
    left = Counter[str]({SPOOL: spool.count_in_spool(parts.settings, visitor)})
    with parts.database.reading() as connection:
        left["PostgreSQL"] = log.count_in_log(connection, visitor)
    for each in lake.held_in(parts.lake, visitor):
        left[each.table.name] += each.rows
    folders = GenerationFolders.of(parts.settings.home)
    left[GENERATIONS] = sum(each != folders.current_id() for each in folders.ids())
    return +left
