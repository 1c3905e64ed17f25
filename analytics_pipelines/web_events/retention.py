"""Retention: days of the event log go once the published generation holds them, verified; the lake keeps them.

A day is compared without a lock, since that takes seconds. Then, for a moment, the log is shut to writers: if nothing
was added to the day or taken from it meanwhile, it is recorded as dropped and its partition goes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.duck_source import with_values
from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.web_events.checksums import checksum_of_rows
from analytics_pipelines.web_events.export_events import log_content
from analytics_pipelines.web_events.log_tables import DROPPED_DAY, FAILED_EVENT, TOUCHED_DAY, VISITOR_SALT
from analytics_pipelines.web_events.tables import RAW_EVENTS

SALTS_LIVE_DAYS = 2
"""A salt is needed on its own day, and on the next to recognise who came before midnight."""
IN_ONE_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
UNHURRIED = "SET LOCAL statement_timeout = 0"
LOCK_WAIT = "SET LOCAL lock_timeout = '300ms'"
NO_NEW_PARTITION = "SELECT pg_advisory_xact_lock(hashtext('web_events.create_partition'))"
"""Before the lock on the log, in the order in which who makes a partition takes them."""
LOCK = "LOCK TABLE ONLY web_events.event_log IN SHARE ROW EXCLUSIVE MODE"
COUNT = Sql("SELECT count(*) AS events, ({checksum}) AS checksum FROM ({rows})")


class Reason(StrEnum):
    """Why a day stays in the log."""

    IMPORTED = "It holds lines of an imported log, which retention leaves alone."
    SITE = "A site with events on the day keeps them for longer."
    TOUCHED = "It is to be made anew first."
    UNPUBLISHED = "The published generation does not hold it."
    DIFFERENT = "The published generation holds other rows of it."
    BUSY = "It was in use, or events of it came in meanwhile."


@dataclass(frozen=True, slots=True)
class DroppedDay:
    """A day of receipt that now lives in the lake alone, and how many events were taken out of the log."""

    received_date: date
    events: int


@dataclass(frozen=True, slots=True)
class KeptDay:
    """A day of receipt that stays in the log, and why."""

    received_date: date
    reason: Reason


@dataclass(frozen=True, slots=True)
class Dropped:
    """What retention did: days in order, rejects and salts deleted."""

    days: tuple[DroppedDay, ...]
    kept: tuple[KeptDay, ...]
    failed_events: int
    salts: int


@dataclass(frozen=True, slots=True)
class _Content:
    """Events and their checksum; of the log also the sum of their numbers, which any change of the day changes."""

    events: int
    checksum: int
    numbers: int = 0


def drop_exported(
    database: Database, lease: Lease, before: date, *, now: datetime, failed_events_keep_days: int
) -> Dropped:
    """Drop the days of receipt before `before` that the generation holds exactly as the log does.

    A day stays while a site with events on it has `retention_days` that are not over; a site without them follows
    `before`. Days with lines of imported logs stay. Rejects older than `failed_events_keep_days` and salts that nothing
    needs any more are deleted. Raises `Unavailable`, and `TimedOut` past `QUERY_TIMEOUT`.
    """
    days = [_judged(database, lease, day, now) for day in _days(database, before)]
    with database.writing() as connection:
        rejected = FAILED_EVENT.c.received_at < now - timedelta(days=failed_events_keep_days)
        failed_events = connection.execute(sa.delete(FAILED_EVENT).where(rejected)).rowcount
        unused = VISITOR_SALT.c.salt_date <= now.date() - timedelta(days=SALTS_LIVE_DAYS)
        salts = connection.execute(sa.delete(VISITOR_SALT).where(unused)).rowcount
    return Dropped(
        days=tuple(each for each in days if isinstance(each, DroppedDay)),
        kept=tuple(each for each in days if isinstance(each, KeptDay)),
        failed_events=failed_events,
        salts=salts,
    )


def _days(database: Database, before: date) -> list[date]:
    """Days before that have a partition in the log."""
    query = sa.text(from_file(__package__, "log_partitions").text)
    with database.reading() as connection:
        return [day for day in connection.execute(query).scalars() if day < before]


def _judged(database: Database, lease: Lease, day: date, now: datetime) -> DroppedDay | KeptDay:
    reason = next(_reasons(database, day, now.date()), None)
    if reason:
        return KeptDay(day, reason)
    logged, dropped = _in_log(database, day)
    published = _published(lease, day)
    if published is None and logged.events:
        return KeptDay(day, Reason.UNPUBLISHED)
    found = published or _Content(0, 0)
    if (found.events, found.checksum) != (logged.events + dropped.events, logged.checksum + dropped.checksum):
        return KeptDay(day, Reason.DIFFERENT)
    is_gone = _drop(database, day, logged, found, now)
    return DroppedDay(day, logged.events) if is_gone else KeptDay(day, Reason.BUSY)


def _reasons(database: Database, day: date, today: date) -> Iterator[Reason]:
    """Why the day stays, whatever the generation holds of it."""
    query = sa.text(from_file(__package__, "who_keeps_the_day").text)
    with database.reading() as connection:
        found = connection.execute(query, {"day": day, "today": today}).one()
        if found.has_log:
            yield Reason.IMPORTED
        if found.sites_keeping:
            yield Reason.SITE
        if _is_touched(connection, day):
            yield Reason.TOUCHED


def _is_touched(connection: sa.Connection, day: date) -> bool:
    is_touched = sa.select(sa.exists().where(TOUCHED_DAY.c.touched_date == day))
    return bool(connection.execute(is_touched).scalar_one())


def _in_log(database: Database, day: date) -> tuple[_Content, _Content]:
    """The day in the log, and what had been dropped of it before, of one snapshot."""
    with database.reading() as connection:
        connection.exec_driver_sql(IN_ONE_SNAPSHOT)
        connection.exec_driver_sql(UNHURRIED)
        events, checksum = connection.exec_driver_sql(with_values(log_content().text, (day,))).one()
        numbers = _fingerprint(connection, day)[1]
        record = sa.select(DROPPED_DAY.c.events, DROPPED_DAY.c.checksum)
        before = connection.execute(record.where(DROPPED_DAY.c.received_date == day)).one_or_none()
    dropped = _Content(before.events, int(before.checksum)) if before else _Content(0, 0)
    return _Content(events, int(checksum), numbers), dropped


def _fingerprint(connection: sa.Connection, day: date) -> tuple[int, int]:
    """Events of the day and the sum of their numbers: rows of the log are added and deleted, never changed."""
    row = connection.execute(sa.text(from_file(__package__, "log_fingerprint").text), {"day": day}).one()
    return int(row.events), int(row.numbers)


def _published(lease: Lease, day: date) -> _Content | None:
    """What the generation holds of the day; None when it does not."""
    if not lease.days(RAW_EVENTS.name, day, day):
        return None
    rows = lease.scan(RAW_EVENTS.name, day, day)
    (found,) = lease.rows(_Raw, COUNT.fill(checksum=checksum_of_rows(Sql("({rows})").fill(rows=rows)), rows=rows))
    return _Content(found.events, int(found.checksum))


@dataclass(frozen=True, slots=True)
class _Raw:
    events: int
    checksum: str


def _drop(database: Database, day: date, logged: _Content, whole: _Content, now: datetime) -> bool:
    """Drop the partition, unless it is in use or not as it was; whether it is gone."""
    try:
        with database.writing() as connection:
            for statement in (UNHURRIED, LOCK_WAIT, NO_NEW_PARTITION, LOCK):
                connection.exec_driver_sql(statement)
            if _fingerprint(connection, day) != (logged.events, logged.numbers) or _is_touched(connection, day):
                return False
            values = {"events": whole.events, "checksum": str(whole.checksum), "dropped_at": now}
            new = insert(DROPPED_DAY).values(received_date=day, **values)
            connection.execute(new.on_conflict_do_update(index_elements=["received_date"], set_=values))
            connection.execute(sa.select(sa.func.web_events.drop_partition(day)))
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable | DeadlockDetected):
            return False
        raise
    return True
