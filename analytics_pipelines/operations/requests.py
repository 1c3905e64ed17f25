"""Run requests: made by the API, answered by Dagster, closed once; a state never goes back."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Row, func, insert, select, update

from analytics_pipelines.foundation.errors import NotFound
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.tables import RUN_REQUEST


class UnknownRequest(NotFound):
    """No run request has this id."""


class State(StrEnum):
    """Where a request stands; each state can only be left for a later one, the last three never."""

    NEW = "new"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.NEW, State.QUEUED, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made: these assets (none named: all) for the days from first to last."""

    assets: tuple[str, ...]
    first_date: date
    last_date: date


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A wish and what became of it; `error` is a few lines without a stack trace."""

    id: str
    wish: Wish
    state: State
    run_id: str | None
    error: str | None
    requested_by: str
    requested_at: datetime
    updated_at: datetime


def create(database: Database, wish: Wish, *, requested_by: str, now: datetime) -> RunRequest:
    """A new request, committed; a daemon finds it at its next look."""
    row = insert(RUN_REQUEST).values(
        id=str(uuid4()),
        assets=list(wish.assets),
        first_date=wish.first_date,
        last_date=wish.last_date,
        state=State.NEW,
        requested_by=requested_by,
        requested_at=now,
        updated_at=now,
    )
    with database.writing() as connection:
        return _request(connection.execute(row.returning(RUN_REQUEST)).one())


def by_id(database: Database, request_id: str) -> RunRequest:
    """The request of that id; raises `UnknownRequest`."""
    with database.reading() as connection:
        found = connection.execute(select(RUN_REQUEST).where(RUN_REQUEST.c.id == request_id)).one_or_none()
    if found is None:
        raise UnknownRequest("There is no such run request.", remedy="GET /etl/runs lists them.")
    return _request(found)


def newest(database: Database, limit: int) -> list[RunRequest]:
    """The last requests, newest first."""
    order = RUN_REQUEST.c.requested_at.desc(), RUN_REQUEST.c.id
    with database.reading() as connection:
        return [_request(row) for row in connection.execute(select(RUN_REQUEST).order_by(*order).limit(limit))]


def unfinished(database: Database) -> list[RunRequest]:
    """Requests that are not closed, oldest first.

    By state, never by a cursor: rows can be committed in another order than they were made.
    """
    open_ones = select(RUN_REQUEST).where(RUN_REQUEST.c.state.in_(OPEN))
    with database.reading() as connection:
        rows = connection.execute(open_ones.order_by(RUN_REQUEST.c.requested_at, RUN_REQUEST.c.id))
        return [_request(row) for row in rows]


def advance(
    database: Database, request_id: str, state: State, *, now: datetime, run_id: str | None, error: str | None = None
) -> bool:
    """Move the request to a later state; False when it is there already, or past it, or unknown."""
    change = (
        update(RUN_REQUEST)
        .where(RUN_REQUEST.c.id == request_id, RUN_REQUEST.c.state.in_(_before(state)))
        .values(state=state, run_id=func.coalesce(run_id, RUN_REQUEST.c.run_id), error=error, updated_at=now)
    )
    with database.writing() as connection:
        return connection.execute(change).rowcount == 1


def counts(database: Database) -> dict[State, int]:
    """How many requests there are in each state."""
    query = select(RUN_REQUEST.c.state, func.count()).group_by(RUN_REQUEST.c.state)
    with database.reading() as connection:
        found = {State(state): number for state, number in connection.execute(query)}
    return {state: found.get(state, 0) for state in State}


def _before(state: State) -> tuple[State, ...]:
    return OPEN[: OPEN.index(state)] if state in OPEN else OPEN


def _request(row: Row[tuple[object, ...]]) -> RunRequest:
    return RunRequest(
        id=row.id,
        wish=Wish(tuple(row.assets), row.first_date, row.last_date),
        state=State(row.state),
        run_id=row.run_id,
        error=row.error,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        updated_at=row.updated_at,
    )
