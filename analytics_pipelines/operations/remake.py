"""Touched days become run requests, and are forgotten once a request that was made after the touch has succeeded.

A day is asked for again after a failure, later each time and with fewer others each time, so that a day that can not
be made ends up alone. Once days were made, later days whose metrics were made from what these days held before are
asked for too: a new visitor of an old day is a returning one for thirty days.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations import requests
from analytics_pipelines.operations.requests import RunRequest, State, Wish
from analytics_pipelines.operations.tables import REMAKE_DAY, RUN_REQUEST
from analytics_pipelines.operations.wish import MOST_DAYS, Bounds
from analytics_pipelines.web_events.fence import Touched, forget, touched
from analytics_pipelines.web_events.measure import NEW_AFTER_DAYS
from analytics_pipelines.web_events.stretches import Stretch, consecutive, stretches
from analytics_pipelines.web_events.tables import TABLES
from analytics_pipelines.web_events.windows import stale_days

REQUESTED_BY = "touched_days"
PLANNING = "operations.remake.plan"
"""Names the lock that planners take turns by."""
ASSETS = tuple(sorted(table.name for table in TABLES))
REACH = timedelta(days=31)
"""Further than any touched day reaches."""
FIRST_RETRY = timedelta(minutes=1)
LAST_RETRY = timedelta(hours=1)
MOST_AFTER_A_FAILURE = (0, 64, 16, 4)
"""Days asked for together after so many failures, without a bound before the first; then one at a time."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A row of `remake_day`: a touched day, or a day of one table, and what became of asking for it."""

    day: date
    kind: str
    number: int
    request_id: str | None
    failures: int
    retry_at: datetime | None

    @property
    def touched(self) -> Touched:
        """The day as it was touched."""
        return Touched(self.day, self.kind, self.number)


def plan(database: Database, lake: Lake, now: datetime, *, bounds: Bounds, late_event_days: int) -> list[RunRequest]:
    """Close what has ended and ask for what is due; the new requests. Raises `Unavailable`.

    Days that an open request covers wait until it is closed: two runs never make one day at once. Planners take turns,
    since the sensor, `POST /etl/run-sync` and the shell may plan at once; raises `TimedOut` when no turn comes.
    """
    with database.writing() as turn:
        turn.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(PLANNING))))
        return _planned(database, lake, now, bounds=bounds, late_event_days=late_event_days)


def _planned(
    database: Database, lake: Lake, now: datetime, *, bounds: Bounds, late_event_days: int
) -> list[RunRequest]:
    _close(database, lake, now)
    rows = _asked(database)
    open_requests = [each for each in requests.unfinished(database) if _makes_ours(each)]
    made: list[RunRequest] = []
    for stretch, assets in _due(database, lake, rows, now, bounds=bounds, late_event_days=late_event_days):
        if any(stretch.overlaps(each.wish.first_date, each.wish.last_date) for each in open_requests):
            continue
        wish = Wish(assets, stretch.first, stretch.last)
        request = requests.create(database, wish, requested_by=REQUESTED_BY, now=now)
        _remember(database, request.id, stretch.touched)
        open_requests.append(request)
        made.append(request)
    return made


def _due(
    database: Database, lake: Lake, rows: Sequence[_Asked], now: datetime, *, bounds: Bounds, late_event_days: int
) -> list[tuple[Stretch, tuple[str, ...]]]:
    """What can be asked for now, with its assets: touched days first, then days of single tables."""
    known = {(each.day, each.kind): each for each in rows}
    everything = touched(database)
    ready = [each for each in everything if _is_ready(known.get((each.day, each.kind)), now)]
    within = (bounds.first, bounds.last)
    found = [
        (_begun(stretch), ASSETS)
        for together in _groups(ready, known)
        for stretch in stretches(together, everything, late_event_days=late_event_days, within=within)
    ]
    return found + _due_tables(database, lake, rows, now)


def _due_tables(
    database: Database, lake: Lake, rows: Sequence[_Asked], now: datetime
) -> list[tuple[Stretch, tuple[str, ...]]]:
    """Days of single tables that are still out of date; the others are forgotten."""
    waiting = [each for each in rows if each.kind in ASSETS and each.request_id is None]
    stale = stale_days(lake, {each.day for each in waiting}) if waiting else {}
    _drop(database, [each for each in waiting if each.day not in stale.get(each.kind, [])])
    found: list[tuple[Stretch, tuple[str, ...]]] = []
    for table, days in stale.items():
        ready = {each.day: each for each in waiting if each.kind == table and _is_ready(each, now)}
        for first, last in consecutive(set(days) & ready.keys()):
            answered = tuple(each.touched for each in ready.values() if first <= each.day <= last)
            found.append((Stretch(first, last, answered), (table,)))
    return found


def _groups(ready: Iterable[Touched], known: dict[tuple[date, str], _Asked]) -> list[list[Touched]]:
    """Days that are asked for together: smaller groups the more often they failed, last those that never did.

    A second try comes first, since the days that get events all the time would never let it in.
    """
    by_failures: dict[int, list[Touched]] = {}
    for each in ready:
        row = known.get((each.day, each.kind))
        by_failures.setdefault(row.failures if row else 0, []).append(each)
    found: list[list[Touched]] = []
    for failures, together in sorted(by_failures.items(), reverse=True):
        days = sorted({each.day for each in together})
        most = MOST_AFTER_A_FAILURE[failures] if failures < len(MOST_AFTER_A_FAILURE) else 1
        for start in range(0, len(days), most or len(days)):
            some = set(days[start : start + (most or len(days))])
            found.append([each for each in together if each.day in some])
    return found


def _begun(stretch: Stretch) -> Stretch:
    """The stretch, or as much of its beginning as one run may have; the rest is asked for once that is made."""
    last = stretch.first + timedelta(days=MOST_DAYS - 1)
    if stretch.last <= last:
        return stretch
    answered = tuple(each for each in stretch.touched if each.day <= last - REACH)
    return Stretch(stretch.first, last, answered)


def _is_ready(row: _Asked | None, now: datetime) -> bool:
    return row is None or (row.request_id is None and (row.retry_at is None or row.retry_at <= now))


def _makes_ours(request: RunRequest) -> bool:
    return not request.wish.assets or bool(set(ASSETS) & set(request.wish.assets))


def _close(database: Database, lake: Lake, now: datetime) -> None:
    """Take note of requests that have ended."""
    states = _states(database)
    ended = [each for each in _asked(database) if each.request_id and states.get(each.request_id) not in requests.OPEN]
    done = [each for each in ended if each.request_id and states.get(each.request_id) is State.SUCCEEDED]
    answered = [each for each in done if each.kind not in ASSETS]
    _ask_for_what_depends(database, lake, {each.request_id for each in answered})
    forget(database, [each.touched for each in answered])
    _drop(database, answered)
    for each in set(done) - set(answered):  # whether it is out of date again is looked at before the next request
        _change(database, each, request_id=None, failures=0, retry_at=None)
    for each in set(ended) - set(done):
        wait = min(FIRST_RETRY * 2 ** min(each.failures, 10), LAST_RETRY)
        _change(database, each, request_id=None, failures=each.failures + 1, retry_at=now + wait)


def _ask_for_what_depends(database: Database, lake: Lake, request_ids: Iterable[str | None]) -> None:
    """Note days before and after those made whose metrics were made from what these held before."""
    days: set[date] = set()
    for request_id in request_ids:
        wish = requests.by_id(database, str(request_id)).wish
        after = range(1, NEW_AFTER_DAYS + 1)
        days |= {wish.first_date - timedelta(days=1)} | {wish.last_date + timedelta(days=number) for number in after}
    rows = [
        {"made_date": day, "kind": table, "touch_number": 0}
        for table, stale in stale_days(lake, days).items()
        for day in stale
    ]
    if rows:
        with database.writing() as connection:
            connection.execute(insert(REMAKE_DAY).on_conflict_do_nothing(), rows)


def _states(database: Database) -> dict[str, State]:
    """The state of each request that answers a day; one that is unknown is missing."""
    query = sa.select(RUN_REQUEST.c.id, RUN_REQUEST.c.state)
    wanted = sa.select(REMAKE_DAY.c.request_id).where(REMAKE_DAY.c.request_id.is_not(None))
    with database.reading() as connection:
        return {row.id: State(row.state) for row in connection.execute(query.where(RUN_REQUEST.c.id.in_(wanted)))}


def _asked(database: Database) -> list[_Asked]:
    with database.reading() as connection:
        rows = connection.execute(sa.select(REMAKE_DAY).order_by(REMAKE_DAY.c.made_date, REMAKE_DAY.c.kind))
        return [
            _Asked(row.made_date, row.kind, row.touch_number, row.request_id, row.failures, row.retry_at)
            for row in rows
        ]


def _remember(database: Database, request_id: str, answered: Iterable[Touched]) -> None:
    rows = [
        {"made_date": each.day, "kind": each.kind, "touch_number": each.number, "request_id": request_id}
        for each in answered
    ]
    if not rows:
        return
    new = insert(REMAKE_DAY)
    changed = {"touch_number": new.excluded.touch_number, "request_id": request_id, "retry_at": None}
    with database.writing() as connection:
        connection.execute(new.on_conflict_do_update(index_elements=["made_date", "kind"], set_=changed), rows)


def _drop(database: Database, rows: Iterable[_Asked]) -> None:
    with database.writing() as connection:
        for each in rows:
            connection.execute(sa.delete(REMAKE_DAY).where(_is_row(each)))


def _change(database: Database, row: _Asked, **values: object) -> None:
    with database.writing() as connection:
        connection.execute(sa.update(REMAKE_DAY).where(_is_row(row)).values(**values))


def _is_row(row: _Asked) -> sa.ColumnElement[bool]:
    return (REMAKE_DAY.c.made_date == row.day) & (REMAKE_DAY.c.kind == row.kind)
