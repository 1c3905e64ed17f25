"""Does it balance? What the intake counted against what each stage holds, by UTC day of receipt and site."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from analytics_pipelines.foundation.errors import BadInput, LimitExceeded
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.log_tables import DROPPED_DAY, EXPORT_WATERMARK, TOUCHED_DAY
from analytics_pipelines.web_events.tables import CORE_EVENTS, LATE_EVENTS, RAW_EVENTS

MOST_DAYS = 366
MOST_ROWS = 10_000
MOST_LATE_DAYS = 30
"""The largest value of LATE_EVENT_DAYS."""
Key = tuple[date, str]


class DaysBackwards(BadInput):
    """The first day lies after the last."""


class TooManyDays(LimitExceeded):
    """More days than one answer holds."""


class TooManyRows(LimitExceeded):
    """More days of sites than one answer holds."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days of receipt, both included, of one site or of all; raises `DaysBackwards` or `TooManyDays`."""

    first: date
    last: date
    site: str | None = None

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise DaysBackwards("The first day lies after the last.")
        if (self.last - self.first).days >= MOST_DAYS:
            raise TooManyDays("That is a long time.", limit=str(MOST_DAYS) + " days", remedy="Ask for a part of it.")

    def holds(self, day: date, site: str) -> bool:
        """Whether the day of the site is in it."""
        return self.first <= day <= self.last and self.site in {None, site}


@dataclass(frozen=True, slots=True)
class Difference:
    """A stage that does not hold what the one before it promised."""

    stage: str
    expected: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDay:
    """What became of what came in on one UTC day for one site; the empty site is that of rejects that named none.

    `received` counts the spooled ones too. The stages: rows in PostgreSQL's log, among its rejects, and in the
    published generation as raw, late and core events; None where that is not held (yet, or any more).
    """

    received_date: date
    site_id: str
    received: int
    stored: int
    duplicate: int
    rejected: int
    spooled: int
    event_log: int
    failed: int | None
    raw: int | None
    late: int | None
    core: int | None
    is_dropped: bool
    """Whether retention has dropped the day from the log; what came later may be in it again."""
    is_pending: bool
    """Whether the export has still to make the day (anew), so that the lake may lag behind."""

    @property
    def is_balanced(self) -> bool:
        """Whether everything that was received has exactly one outcome."""
        return self.received == self.stored + self.duplicate + self.rejected + self.spooled

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Stages that hold more or less than they should."""
        stages: list[tuple[str, int | None, int | None]] = [
            ("event_log", None if self.is_dropped else self.stored, self.event_log),
            ("failed_event", self.rejected, self.failed),
            ("raw", self.stored if self.is_dropped else self.event_log, self.raw),
            ("core", None if self.raw is None or self.late is None else self.raw - self.late, self.core),
        ]
        return tuple(
            Difference(stage, expected, found)
            for stage, expected, found in stages
            if expected is not None and found is not None and expected != found
        )


def reconcile(
    database: Database, lease: Lease | None, spooled: Mapping[Key, int], span: Span, *, failed_since: date
) -> list[ReceiptDay]:
    """Every day of receipt and site of the span on which anything came in, in order.

    `spooled` counts what waits on this machine, `failed_since` is the first day whose rejects are all kept.
    Raises `TooManyRows`, `Unavailable`, `TimedOut`.
    """
    counted, dropped, pending = _in_postgres(database, span)
    waiting = {key: events for key, events in spooled.items() if span.holds(*key)}
    lake = _Lake.of(lease, span)
    keys = sorted(counted.keys() | waiting.keys() | lake.keys)
    if len(keys) > MOST_ROWS:
        limit = str(MOST_ROWS) + " days of sites"
        raise TooManyRows("That are too many days of sites.", limit=limit, remedy="Ask for one site or fewer days.")
    found = []
    for day, site in keys:
        row = counted.get((day, site), Counter())
        in_spool = waiting.get((day, site), 0)
        found.append(
            ReceiptDay(
                received_date=day,
                site_id=site,
                received=row["received"] + in_spool,
                stored=row["stored"],
                duplicate=row["duplicate"],
                rejected=row["rejected"],
                spooled=in_spool,
                event_log=row["logged"],
                failed=row["failed"] if day >= failed_since else None,
                raw=lake.raw.of(day, site),
                late=lake.late.of(day, site),
                core=lake.core.of(day, site),
                is_dropped=day in dropped,
                is_pending=day in pending or bool(row["beyond_watermark"]),
            )
        )
    return found


def _in_postgres(database: Database, span: Span) -> tuple[dict[Key, Counter[str]], set[date], set[date]]:
    """Counts by day and site, days that are dropped, days that the export has still to make."""
    watermark = sa.select(sa.func.max(EXPORT_WATERMARK.c.log_number))
    dropped = sa.select(DROPPED_DAY.c.received_date)
    pending = sa.select(TOUCHED_DAY.c.touched_date).where(TOUCHED_DAY.c.kind == "received")
    query = sa.text(from_file(__package__, "count_receipts").text)
    with database.reading() as connection:
        values: dict[str, Any] = {"first": span.first, "last": span.last, "site": span.site}
        values["watermark"] = connection.scalar(watermark) or 0
        counted = {(row.received_date, row.site_id): _counts(row) for row in connection.execute(query, values)}
        return counted, set(connection.scalars(dropped)), set(connection.scalars(pending))


def _counts(row: "sa.Row[Any]") -> Counter[str]:
    values = row._asdict()
    return Counter({name: values[name] for name in values if name not in {"received_date", "site_id"}})


@dataclass(frozen=True, slots=True)
class _Rows:
    """A stage of the lake: which days of it are published, and rows by day and site."""

    days: frozenset[date]
    events: dict[Key, int]

    def of(self, day: date, site: str) -> int | None:
        """Rows of the day; None when it is not published."""
        return self.events.get((day, site), 0) if day in self.days else None


@dataclass(frozen=True, slots=True)
class _Count:
    """One row of the three counting queries."""

    received_date: date
    site_id: str
    events: int

    @property
    def key(self) -> Key:
        """What it counts."""
        return self.received_date, self.site_id


@dataclass(frozen=True, slots=True)
class _Lake:
    """The published generation's stages; days of core are known by its raw ones, as events happen on other days."""

    raw: _Rows
    late: _Rows
    core: _Rows

    @staticmethod
    def of(lease: Lease | None, span: Span) -> "_Lake":
        """The stages of that generation; nothing before the first."""
        days = (
            {table.name: {each.day for each in table.partitions} for table in lease.generation.tables} if lease else {}
        )
        is_whole = days.keys() >= {RAW_EVENTS.name, LATE_EVENTS.name, CORE_EVENTS.name}
        if lease is None or not is_whole:
            nothing = _Rows(frozenset(), {})
            return _Lake(nothing, nothing, nothing)
        raw = frozenset(days[RAW_EVENTS.name])
        values = {"first": span.first, "last": span.last, "site": span.site}
        core = values | {"latest_days": MOST_LATE_DAYS}
        return _Lake(
            raw=_Rows(raw, _events(lease, "count_raw", values)),
            late=_Rows(frozenset(days[LATE_EVENTS.name]), _events(lease, "count_late", values)),
            core=_Rows(raw, _events(lease, "count_core", core)),
        )

    @property
    def keys(self) -> set[Key]:
        """Days and sites that any stage has."""
        return self.raw.events.keys() | self.late.events.keys() | self.core.events.keys()


def _events(lease: Lease, query: str, values: Mapping[str, object]) -> dict[Key, int]:
    return {each.key: each.events for each in lease.rows(_Count, from_file(__package__, query), **values)}


def since(today: date, keep_days: int) -> date:
    """The first day of which no reject has been swept yet."""
    return today - timedelta(days=keep_days - 1)
