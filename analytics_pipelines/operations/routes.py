"""HTTP door of operations: health, run requests, status."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from analytics_pipelines.foundation.addresses import http_url
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.depends import Db, DbDoor, Now, SettingsNow
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, open_to_all, requires
from analytics_pipelines.operations import requests, status
from analytics_pipelines.operations.health import probe
from analytics_pipelines.operations.requests import RunRequest, State, UnknownRequest
from analytics_pipelines.operations.wish import (
    MOST_DAYS,
    Bounds,
    DaysOutOfRange,
    TooManyDays,
    UnknownAssets,
    last_days,
    wish,
)

MOST_ASSETS = 100
MOST_LISTED = 500

router = APIRouter(tags=["operations"])
reading = [requires(Scope.VIEWER)]


class Health(BaseModel):
    """Whether the platform works; `degraded` comes with status 503."""

    status: Literal["healthy", "degraded"]
    database: Literal["connected", "disconnected"]
    timestamp: datetime


class DatabaseHealth(Health):
    """The same with what the database said of itself; null when it is away."""

    latency_ms: float | None
    version: str | None


class RunWish(BaseModel):
    """Either the last `days` days in UTC, today included, or all days from `from` to `to`."""

    model_config = ConfigDict(extra="forbid")

    days: int | None = Field(None, ge=1, le=MOST_DAYS)
    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")
    assets: list[str] = Field([], max_length=MOST_ASSETS, description="Names of assets or groups; none means all.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.days is None) == (self.first is None) or (self.first is None) != (self.last is None):
            raise ValueError("give either days, or from and to")
        return self

    def range(self, today: date) -> tuple[date, date]:
        """First and last day asked for."""
        return (self.first, self.last) if self.first and self.last else last_days(self.days or 1, today)


class Accepted(BaseModel):
    """The request is stored; `GET /etl/runs/{request_id}` tells what becomes of it."""

    request_id: str
    state: State


class RunState(BaseModel):
    """A request and its run."""

    request_id: str
    state: State
    run_id: str | None
    run_url: str | None = Field(description="The run in Dagster's UI.")
    first_date: date
    last_date: date
    assets: list[str] = Field(description="Empty means all.")
    error: str | None
    requested_by: str
    requested_at: datetime
    updated_at: datetime


class DaemonState(BaseModel):
    """Whether requests are turned into runs."""

    is_answering: bool
    last_heartbeat_at: datetime | None
    age_s: float | None
    message: str


class TableState(BaseModel):
    """An asset as it was last made."""

    asset: str
    partitions: int
    rows: int
    size_bytes: int
    newest_partition: str
    materialized_at: datetime


class EventState(BaseModel):
    """Web events in PostgreSQL."""

    stored: int
    failed: int
    by_type: dict[str, int]


class PipelineStatus(BaseModel):
    """The work of the platform at one moment."""

    asked_at: datetime
    requests: dict[State, int]
    daemon: DaemonState
    tables: list[TableState]
    events: EventState


@router.get("/health", dependencies=[open_to_all], response_model=Health, responses={503: {"model": Health}})
def read_health(door: DbDoor, now: Now) -> JSONResponse:
    """Whether the platform works."""
    is_connected = probe(door).is_connected
    return _health(Health(**_states(is_connected=is_connected), timestamp=now))


@router.get(
    "/health/db", dependencies=[open_to_all], response_model=DatabaseHealth, responses={503: {"model": DatabaseHealth}}
)
def read_database_health(door: DbDoor, now: Now) -> JSONResponse:
    """Whether the database answers, how fast, and its version."""
    found = probe(door)
    states = _states(is_connected=found.is_connected)
    return _health(DatabaseHealth(**states, timestamp=now, latency_ms=found.latency_ms, version=found.version))


@router.post(
    "/etl/run",
    status_code=202,
    dependencies=[requires(Scope.ADMIN)],
    responses=documented(DaysOutOfRange, TooManyDays, UnknownAssets, Unavailable),
)
def request_run(body: RunWish, request: Request, database: Db, now: Now, settings: SettingsNow) -> Accepted:
    """Ask for days of assets to be made anew, in one run; it waits for a daemon when none answers."""
    first, last = body.range(now.date())
    made = requests.create(
        database,
        wish(first, last, body.assets, Bounds.of(settings, now.date())),
        requested_by=_caller(request),
        now=now,
    )
    return Accepted(request_id=made.id, state=made.state)


@router.get("/etl/runs", dependencies=reading, responses=documented(Unavailable))
def list_runs(
    request: Request, database: Db, settings: SettingsNow, limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50
) -> list[RunState]:
    """The last requests, newest first."""
    return [_run_state(each, settings, request) for each in requests.newest(database, limit)]


@router.get("/etl/runs/{request_id}", dependencies=reading, responses=documented(UnknownRequest, Unavailable))
def read_run(request_id: str, request: Request, database: Db, settings: SettingsNow) -> RunState:
    """One request: its state, its run, its error."""
    return _run_state(requests.by_id(database, request_id), settings, request)


@router.get("/etl/status", dependencies=reading, responses=documented(Unavailable))
def read_status(database: Db, now: Now) -> PipelineStatus:
    """Requests by state, whether a daemon answers them, freshness of each table, counts of web events."""
    found = status.status(database, now)
    return PipelineStatus(
        asked_at=now,
        requests=found.requests,
        daemon=DaemonState(**asdict(found.daemon)),
        tables=[TableState(**asdict(table)) for table in found.tables],
        events=EventState(stored=found.events.stored, failed=found.events.failed, by_type=found.events.by_type),
    )


def _states(*, is_connected: bool) -> dict[str, str]:
    return {
        "status": "healthy" if is_connected else "degraded",
        "database": "connected" if is_connected else "disconnected",
    }


def _health(found: Health) -> JSONResponse:
    content = found.model_dump(mode="json")
    return JSONResponse(content, 200 if found.status == "healthy" else 503, headers={"cache-control": "no-store"})


def _caller(request: Request) -> str:
    """Who asks, for the record; the route's scope has been checked already."""
    return str(request.state.principal.name)


def _run_url(settings: Settings, run_id: str, request: Request) -> str:
    """The run's page in the Dagster UI."""
    return http_url(settings.dagster_host, settings.dagster_port, reached_as=request.url.hostname) + "/runs/" + run_id


def _run_state(found: RunRequest, settings: Settings, request: Request) -> RunState:
    return RunState(
        request_id=found.id,
        state=found.state,
        run_id=found.run_id,
        run_url=_run_url(settings, found.run_id, request) if found.run_id else None,
        first_date=found.wish.first_date,
        last_date=found.wish.last_date,
        assets=list(found.wish.assets),
        error=found.error,
        requested_by=found.requested_by,
        requested_at=found.requested_at,
        updated_at=found.updated_at,
    )
