"""HTTP door of run requests: asking for days of assets to be made anew, and following what becomes of it."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from analytics_pipelines.foundation.addresses import http_url
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.depends import Db, Now, SettingsNow
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.operations import requests
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

router = APIRouter(prefix="/etl", tags=["operations"])
reading = [requires(Scope.VIEWER)]


def _only_text(value: Any) -> Any:
    """Pydantic would take a number for the seconds since 1970."""
    if value is not None and not isinstance(value, str):
        raise ValueError("give a day as YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_only_text)]


class RunWish(BaseModel):
    """Either the last `days` days in UTC, today included, or all days from `from` to `to`."""

    model_config = ConfigDict(extra="forbid")

    days: int | None = Field(None, ge=1, le=MOST_DAYS, strict=True)
    first: Day | None = Field(None, alias="from")
    last: Day | None = Field(None, alias="to")
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


@router.post(
    "/run",
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
        requested_by=str(request.state.principal.name),
        now=now,
    )
    return Accepted(request_id=made.id, state=made.state)


@router.get("/runs", dependencies=reading, responses=documented(Unavailable))
def list_runs(
    request: Request, database: Db, settings: SettingsNow, limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50
) -> list[RunState]:
    """The last requests, newest first."""
    return [_run_state(each, settings, request) for each in requests.newest(database, limit)]


@router.get("/runs/{request_id}", dependencies=reading, responses=documented(UnknownRequest, Unavailable))
def read_run(request_id: str, request: Request, database: Db, settings: SettingsNow) -> RunState:
    """One request: its state, its run, its error."""
    return _run_state(requests.by_id(database, request_id), settings, request)


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
