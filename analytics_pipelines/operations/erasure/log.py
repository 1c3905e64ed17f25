"""The visitor in PostgreSQL: events, keys, rejects; counters that still balance, and days to make anew."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.operations.erasure.visitor import Visitor
from analytics_pipelines.web_events.log_tables import (
    DROPPED_DAY,
    EVENT_KEY,
    EVENT_LOG,
    FAILED_EVENT,
    INTAKE_COUNT,
    TOUCHED_DAY,
)

WRITER = "erasure"
"""Its rows of the counters are negative, so that what was received still equals what became of it."""
NEXT_TOUCH = sa.text("nextval('web_events.touched_day_number')")
MOST_KEYS_AT_ONCE = 10_000
MOST_LATE = timedelta(days=30)
"""The largest value of LATE_EVENT_DAYS; what came later changes no day but its receipt's."""
Place = tuple[date, str, str]
"""Day of receipt, site (empty where a reject named none), source."""


@dataclass(frozen=True, slots=True)
class Removed:
    """Rows that are gone, and their days of receipt."""

    events: int
    rejects: int
    received_dates: frozenset[date]


def linked_visitors(connection: sa.Connection, site_id: str, ids: Collection[str]) -> frozenset[str]:
    """The ids and all that the log links to them by the hashes of neighbouring days."""
    query = sa.text(from_file(__package__, "linked_visitors").text)
    return frozenset(connection.scalars(query, {"site_id": site_id, "visitor_ids": sorted(ids)}))


def erase_from_log(connection: sa.Connection, visitor: Visitor, at: datetime) -> Removed:
    """Delete everything of the visitor and touch the days that it was on, within the caller's transaction."""
    query = sa.text(from_file(__package__, "erase_events").text)
    values = {"site_id": visitor.site_id, "visitor_ids": sorted(visitor.ids)}
    events = connection.execute(query, values).all()
    rejects = _erase_rejects(connection, visitor, [row.event_id for row in events])
    touch(connection, {row.received_date for row in events}, "received", at)
    in_time = {row.event_date for row in events if row.received_date - row.event_date <= MOST_LATE}
    touch(connection, in_time, "event", at)
    stored = Counter((row.received_date, visitor.site_id, row.source) for row in events)
    _uncount(connection, stored, rejects)
    days = {place[0] for place in stored.keys() | rejects.keys()}
    return Removed(len(events), rejects.total(), frozenset(days))


def erase_keys(connection: sa.Connection, site_id: str, event_ids: Collection[str]) -> frozenset[str]:
    """Delete the keys of these events; the ids of those that were there."""
    gone: set[str] = set()
    for start in range(0, len(event_ids), MOST_KEYS_AT_ONCE):
        some = sorted(event_ids)[start : start + MOST_KEYS_AT_ONCE]
        theirs = sa.delete(EVENT_KEY).where(EVENT_KEY.c.site_id == site_id, EVENT_KEY.c.event_id.in_(some))
        gone |= set(connection.scalars(theirs.returning(EVENT_KEY.c.event_id)))
    return frozenset(gone)


def uncount_dropped(connection: sa.Connection, site_id: str, day: date, sources: Sequence[str], checksum: int) -> None:
    """Take events, each with its source, out of the counters and the record of a day that lives in the lake alone."""
    columns = DROPPED_DAY.c
    rest = sa.cast(sa.cast(columns.checksum, sa.Numeric) - checksum, sa.Text)
    of_day = sa.update(DROPPED_DAY).where(columns.received_date == day)
    connection.execute(of_day.values(events=columns.events - len(sources), checksum=rest))
    _uncount(connection, Counter((day, site_id, source) for source in sources), Counter())


def dropped_dates(connection: sa.Connection) -> frozenset[date]:
    """Days of receipt that retention has dropped from the log."""
    return frozenset(connection.scalars(sa.select(DROPPED_DAY.c.received_date)))


def touch(connection: sa.Connection, days: Iterable[date], kind: str, at: datetime) -> None:
    """Note that the days are to be made anew; in order, so that two who touch never deadlock."""
    rows = [{"touched_date": day, "kind": kind, "touched_at": at} for day in sorted(days)]
    if rows:
        new = insert(TOUCHED_DAY)
        renewed = {"touch_number": NEXT_TOUCH, "touched_at": new.excluded.touched_at}
        connection.execute(new.on_conflict_do_update(index_elements=["touched_date", "kind"], set_=renewed), rows)


def count_in_log(connection: sa.Connection, visitor: Visitor) -> int:
    """Events and rejects of the visitor that are in PostgreSQL."""
    columns = EVENT_LOG.c
    theirs = sa.or_(columns.visitor_id.in_(visitor.ids), columns.visitor_id_before.in_(visitor.ids))
    query = sa.select(sa.func.count()).where(columns.site_id == visitor.site_id, theirs)
    return int(connection.execute(query).scalar_one()) + len(_rejects(connection, visitor, []))


def _erase_rejects(connection: sa.Connection, visitor: Visitor, event_ids: Collection[str]) -> Counter[Place]:
    """Delete the rejects of the visitor; how many at which place of the counters."""
    found = _rejects(connection, visitor, event_ids)
    if not found:
        return Counter()
    columns = FAILED_EVENT.c
    gone = sa.delete(FAILED_EVENT).where(columns.failed_id.in_(found))
    rows = connection.execute(gone.returning(columns.received_at, columns.site_id, columns.source))
    return Counter((row.received_at.astimezone(UTC).date(), row.site_id or "", row.source) for row in rows)


def _rejects(connection: sa.Connection, visitor: Visitor, event_ids: Collection[str]) -> list[str]:
    columns = FAILED_EVENT.c
    theirs = sa.or_(
        columns.visitor_id.in_(visitor.ids),
        columns.visitor_id_before.in_(visitor.ids),
        columns.event_id.in_(event_ids),
    )
    by_column = connection.scalars(sa.select(columns.failed_id).where(columns.site_id == visitor.site_id, theirs))
    query = sa.text(from_file(__package__, "rejects_that_name").text)
    values: dict[str, Any] = {"site_id": visitor.site_id, "spellings": list(visitor.spellings)}
    named = (row.failed_id for row in connection.execute(query, values) if visitor.is_named_in(row.payload))
    return sorted({*by_column, *named})


def _uncount(connection: sa.Connection, stored: Counter[Place], rejected: Counter[Place]) -> None:
    rows = [
        {
            "received_date": place[0],
            "site_id": place[1],
            "source": place[2],
            "writer": WRITER,
            "received": -stored[place] - rejected[place],
            "stored": -stored[place],
            "rejected": -rejected[place],
        }
        for place in sorted(stored.keys() | rejected.keys())
    ]
    if rows:
        new = insert(INTAKE_COUNT)
        sums = {name: INTAKE_COUNT.c[name] + new.excluded[name] for name in ("received", "stored", "rejected")}
        connection.execute(new.on_conflict_do_update(index_elements=list(INTAKE_COUNT.primary_key), set_=sums), rows)
