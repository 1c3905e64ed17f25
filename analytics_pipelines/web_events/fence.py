"""The fence: a number of the event log below which nothing can be committed any more, and the days touched up to it.

Who inserts into the log holds a lock on it to the end of the transaction. So once a lock that shuts writers out is
granted, every number given so far belongs to a transaction that has ended. The lock is let go at once; the days of the
rows between the last fence and this one are noted in the transaction that moves the mark. See decision 13.
"""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from psycopg.errors import LockNotAvailable
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.log_tables import EXPORT_WATERMARK, TOUCHED_DAY

NAME = "touched_days"
LOCK_WAIT = "SET LOCAL lock_timeout = '300ms'"
LOCK = "LOCK TABLE ONLY web_events.event_log IN SHARE MODE"
"""Of the parent alone: every insert locks it, and with a thousand partitions their locks would fill the server's."""
NUMBER_GIVEN = sa.text("SELECT coalesce(pg_sequence_last_value('web_events.event_log_number'), 0)")
MOST_NUMBERS = 500_000
"""Numbers looked at in one transaction, so that a first look at a large log stays within the statement's time."""


@dataclass(frozen=True, slots=True)
class Advanced:
    """How far the fence came, and which UTC days were touched on the way: of receipts, and of happenings in time.

    `blocked_by` says who held the log, when it could not be fenced; then nothing moved.
    """

    log_number: int
    received_days: tuple[date, ...] = ()
    event_days: tuple[date, ...] = ()
    is_blocked: bool = False
    blocked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Watermark:
    """Where the fence stands and since when; `blocked_by` is None unless the last attempt failed."""

    log_number: int
    fenced_at: datetime | None
    blocked_since_at: datetime | None
    blocked_by: str | None


@dataclass(frozen=True, slots=True)
class Touched:
    """A day to make anew; its number is another each time that it is touched."""

    day: date
    kind: str
    number: int


def advance(database: Database, now: datetime, *, late_event_days: int) -> Advanced:
    """Note the days of all events committed since the last time. Raises `Unavailable`.

    An event that was received more than `late_event_days` days after its own day touches the day of receipt alone.
    When a writer holds the log longer than the fence may wait, that is recorded and told, and nothing raised.
    """
    fence = _fence(database)
    if fence is None:
        holders = _blocked(database, now)
        return Advanced(watermark(database).log_number, is_blocked=True, blocked_by=holders)
    days: dict[str, set[date]] = {"received": set(), "event": set()}
    while True:
        reached, found = _step(database, fence, now, late_event_days)
        for day, kind in found:
            days[kind].add(day)
        if reached >= fence:
            return Advanced(reached, tuple(sorted(days["received"])), tuple(sorted(days["event"])))


def watermark(database: Database) -> Watermark:
    """Where the fence stands; at 0 before the first time. Raises `Unavailable`."""
    columns = EXPORT_WATERMARK.c
    found = sa.select(columns.log_number, columns.fenced_at, columns.blocked_since_at, columns.blocked_by)
    with database.reading() as connection:
        row = connection.execute(found.where(columns.name == NAME)).one_or_none()
    return Watermark(*row) if row else Watermark(0, None, None, None)


def touched(database: Database) -> list[Touched]:
    """The days to make anew, in order. Raises `Unavailable`."""
    columns = TOUCHED_DAY.c
    query = sa.select(columns.touched_date, columns.kind, columns.touch_number)
    with database.reading() as connection:
        rows = connection.execute(query.order_by(columns.touched_date, columns.kind))
        return [Touched(*row) for row in rows]


def forget(database: Database, made: list[Touched]) -> None:
    """Forget days that were made anew; one that was touched again since keeps its new number and stays.

    Raises `Unavailable`.
    """
    columns = TOUCHED_DAY.c
    with database.writing() as connection:
        for each in sorted(made, key=lambda each: (each.day, each.kind)):
            is_it = (columns.touched_date == each.day) & (columns.kind == each.kind)
            connection.execute(sa.delete(TOUCHED_DAY).where(is_it, columns.touch_number == each.number))


def _fence(database: Database) -> int | None:
    """The highest number given; None when the log could not be locked in time."""
    try:
        with database.writing() as connection:
            connection.exec_driver_sql(LOCK_WAIT)
            connection.exec_driver_sql(LOCK)
            return int(connection.execute(NUMBER_GIVEN).scalar_one())
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return None
        raise


def _blocked(database: Database, now: datetime) -> str:
    """Record since when the log can not be fenced and who holds it."""
    with database.writing() as connection:
        holders = connection.execute(sa.text(from_file(__package__, "log_holders").text)).scalars().all()
        told = ", ".join(holders) or "somebody who has let go since"
        new = insert(EXPORT_WATERMARK).values(name=NAME, log_number=0, blocked_since_at=now, blocked_by=told)
        since = sa.func.coalesce(EXPORT_WATERMARK.c.blocked_since_at, new.excluded.blocked_since_at)
        changed = {"blocked_since_at": since, "blocked_by": new.excluded.blocked_by}
        connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=changed))
    return told


def _step(database: Database, fence: int, now: datetime, late_event_days: int) -> tuple[int, list[tuple[date, str]]]:
    """Move the mark towards the fence; where it stands then, and the days touched."""
    columns = EXPORT_WATERMARK.c
    with database.writing() as connection:
        connection.execute(insert(EXPORT_WATERMARK).values(name=NAME, log_number=0).on_conflict_do_nothing())
        mark = sa.select(columns.log_number).where(columns.name == NAME).with_for_update()
        after = int(connection.execute(mark).scalar_one())
        upto = max(after, min(fence, after + MOST_NUMBERS))
        values = {"after": after, "upto": upto, "late_event_days": late_event_days, "at": now}
        touch = sa.text(from_file(__package__, "touch_days").text)
        found = [(row.touched_date, row.kind) for row in connection.execute(touch, values)]
        reached = {"log_number": upto, "fenced_at": now, "blocked_since_at": None, "blocked_by": None}
        connection.execute(sa.update(EXPORT_WATERMARK).where(columns.name == NAME).values(reached))
    return upto, found
