"""What is to be processed now, asked for at once, and what became of it: for who would rather wait than follow."""

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from analytics_pipelines.foundation.duck import Duck, DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.operations import requests
from analytics_pipelines.operations.remake import plan
from analytics_pipelines.operations.requests import OPEN, RunRequest, State
from analytics_pipelines.operations.steps import RunStep, steps_of_runs
from analytics_pipelines.operations.tables import REMAKE_DAY
from analytics_pipelines.operations.wish import SERVING, Bounds, wish
from analytics_pipelines.web_events.fence import Advanced, advance, touched, watermark
from analytics_pipelines.web_events.tables import DAILY_BREAKDOWN, DAILY_METRICS, TABLES, VISITORS

FENCE_TRIES = 5
LATE_DAYS = 30
"""The largest value of LATE_EVENT_DAYS."""
STEPS = tuple(table.name for table in TABLES)
OF_METRICS = (VISITORS.name, DAILY_METRICS.name, DAILY_BREAKDOWN.name)


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests to wait for; `blocked_by` says who kept the fence from seeing the newest events."""

    request_ids: tuple[str, ...] = ()
    blocked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Requests as they stand, and the steps of those runs that have ended."""

    requests: tuple[RunRequest, ...]
    steps: tuple[RunStep, ...]

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it goes on."""
        return all(each.state not in OPEN for each in self.requests)

    @property
    def has_failed(self) -> bool:
        """Whether any of it ended without success."""
        return any(each.state in {State.FAILED, State.CANCELLED} for each in self.requests)


def sync(settings: Settings, database: Database, now: datetime) -> Asked:
    """Note the days of the newest events and ask for all touched days; what was asked before is waited for too.

    Days of which a run has failed wait for their next turn. Raises `Unavailable`.
    """
    advanced = _advanced(settings, database, now)
    _plan(settings, database, now)
    return Asked(tuple(_open_remakes(database)), advanced.blocked_by)


def process(settings: Settings, database: Database, event_type: str, now: datetime) -> Asked:
    """The same for the days of this type's unprocessed events; nothing when there are none."""
    advanced = _advanced(settings, database, now)
    days = unprocessed_days(database, event_type)
    if not days:
        return Asked(blocked_by=advanced.blocked_by)
    _plan(settings, database, now)
    return Asked(tuple(_open_remakes(database, days)), advanced.blocked_by)


def calculate(settings: Settings, database: Database, day: date, *, requested_by: str, now: datetime) -> Asked:
    """Ask for visitors, metrics and breakdown of a local day, and for their publication. Raises `DaysOutOfRange`."""
    asked = wish(day, day, (*OF_METRICS, SERVING), Bounds.of(settings, now.date()))
    return Asked((requests.create(database, asked, requested_by=requested_by, now=now).id,))


def progress(database: Database, request_ids: Collection[str]) -> Progress:
    """How far these requests are. Raises `Unavailable`."""
    found = tuple(requests.by_id(database, each) for each in request_ids)
    run_ids = [each.run_id for each in found if each.run_id]
    return Progress(found, tuple(steps_of_runs(database, run_ids)) if run_ids else ())


def unprocessed_days(database: Database, event_type: str) -> set[date]:
    """UTC days on which unprocessed events of the type were received or happened. Raises `Unavailable`.

    Which of a touched day's events are new is not known, so all of the type on it count.
    """
    pending = [each for each in touched(database) if each.kind == "received"]
    values = {
        "event_type": event_type,
        "log_number": watermark(database).log_number,
        "touched_dates": [each.day for each in pending],
        "first": min((each.day for each in pending), default=None),
        "last": max((each.day for each in pending), default=None),
    }
    query = sa.text(from_file(__package__, "unprocessed_days").text)
    with database.reading() as connection:
        rows = connection.execute(query, values).all()
    late = timedelta(days=LATE_DAYS)
    return {row.received_date for row in rows} | {
        row.event_date for row in rows if row.received_date - row.event_date <= late
    }


def open_remakes(database: Database) -> list[RunRequest]:
    """Requests that make touched days and have not ended, oldest first. Raises `Unavailable`."""
    wanted = set(_open_remakes(database))
    return [each for each in requests.unfinished(database) if each.id in wanted]


def _advanced(settings: Settings, database: Database, now: datetime) -> Advanced:
    """A writer holds the log for milliseconds; who holds it longer is named."""
    for _ in range(FENCE_TRIES - 1):
        found = advance(database, now, late_event_days=settings.late_event_days)
        if not found.is_blocked:
            return found
    return advance(database, now, late_event_days=settings.late_event_days)


def _plan(settings: Settings, database: Database, now: datetime) -> None:
    with closing(Duck(DuckLimits.of(settings))) as duck:
        lake = Lake(settings.home, duck)
        bounds = Bounds.of(settings, now.date())
        plan(database, lake, now, bounds=bounds, late_event_days=settings.late_event_days)


def _open_remakes(database: Database, days: Collection[date] | None = None) -> Sequence[str]:
    """Open requests that answer touched days; with `days`, those that make one of them."""
    asked_for = sa.select(REMAKE_DAY.c.request_id).where(REMAKE_DAY.c.request_id.is_not(None)).distinct()
    with database.reading() as connection:
        wanted = set(connection.scalars(asked_for))
    found = [each for each in requests.unfinished(database) if each.id in wanted]
    return [
        each.id
        for each in found
        if days is None or any(each.wish.first_date <= day <= each.wish.last_date for day in days)
    ]
