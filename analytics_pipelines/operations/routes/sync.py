"""HTTP door of work that is waited for: sync, one event type, one day's metrics."""

import asyncio
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.depends import Db, Now, SettingsNow
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.operations.requests import RunRequest, State
from analytics_pipelines.operations.run_sync import (
    OF_METRICS,
    STEPS,
    Asked,
    Progress,
    calculate,
    process,
    progress,
    sync,
)
from analytics_pipelines.operations.steps import RunStep
from analytics_pipelines.operations.wish import DaysOutOfRange
from analytics_pipelines.web_events.event import MOST_CHARACTERS

POLL_S = 0.5
MOST_BATCH = 100_000
NOTHING = Progress((), ())
BATCH_SIZE = (
    "Rows per read of the older systems, kept for their clients and checked. Here a read has no such batches: each "
    "day is streamed from PostgreSQL in one snapshot, within DuckDB's memory limit."
)

router = APIRouter(prefix="/etl", tags=["operations"])
changing = [requires(Scope.ADMIN)]
BatchSize = Annotated[int, Query(ge=1, le=MOST_BATCH, description=BATCH_SIZE)]
EventType = Annotated[str, Path(max_length=MOST_CHARACTERS["event_type"])]


class SyncRequest(BaseModel):
    """A run request that was waited for."""

    request_id: str
    state: State
    run_id: str | None
    first_date: date
    last_date: date
    error: str | None

    @staticmethod
    def of(found: RunRequest) -> "SyncRequest":
        """The request as it stands."""
        first, last = found.wish.first_date, found.wish.last_date
        return SyncRequest(
            request_id=found.id,
            state=found.state,
            run_id=found.run_id,
            first_date=first,
            last_date=last,
            error=found.error,
        )


class SyncStep(BaseModel):
    """What one asset did in one run; zeros and no run where there was nothing to do."""

    step: str
    run_id: str | None = None
    processed: int = Field(0, description="Rows of the days that were published.")
    days: int = Field(0, description="Days that were published.")
    failed: int = Field(0, description="Days that were not published; they stay as they were.")
    seconds: float = 0.0

    @staticmethod
    def of(step: RunStep) -> "SyncStep":
        """The step as it ended."""
        return SyncStep(
            step=step.asset,
            run_id=step.run_id,
            processed=step.rows,
            days=step.days,
            failed=step.failed_days,
            seconds=round(step.duration_s, 3),
        )


class Synced(BaseModel):
    """What became of the work; `accepted` comes with status 202 and means that some of it goes on."""

    status: Literal["completed", "failed", "accepted"]
    requests: list[SyncRequest]
    steps: list[SyncStep]
    blocked_by: str | None = Field(description="Who held the event log, so that its newest events were not seen.")


ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": Synced, "description": "The time is over and the work goes on: `GET /etl/runs/{id}`."}
}


@router.post(
    "/run-sync", dependencies=changing, response_model=Synced, responses={**documented(Unavailable), **ACCEPTED}
)
async def run_sync(
    request: Request, database: Db, now: Now, settings: SettingsNow, batch_size: BatchSize = 1000
) -> JSONResponse:
    """Process all that is new and wait for it, at most `RUN_SYNC_TIMEOUT_S`; with nothing new, zeros at once."""
    _ = batch_size
    return await _waited(request, database, settings, STEPS, lambda: sync(settings, database, now))


@router.post(
    "/process/{event_type}",
    dependencies=changing,
    response_model=Synced,
    responses={**documented(Unavailable), **ACCEPTED},
)
async def process_type(
    event_type: EventType,
    request: Request,
    *,
    database: Db,
    now: Now,
    settings: SettingsNow,
    batch_size: BatchSize = 1000,
) -> JSONResponse:
    """Process the days of this type's new events and wait for it; zeros for a type without any."""
    _ = batch_size
    return await _waited(request, database, settings, STEPS, lambda: process(settings, database, event_type, now))


@router.post(
    "/calculate-daily-metrics",
    dependencies=changing,
    response_model=Synced,
    responses={**documented(DaysOutOfRange, Unavailable), **ACCEPTED},
)
async def calculate_daily_metrics(
    request: Request,
    database: Db,
    now: Now,
    settings: SettingsNow,
    target_date: Annotated[date | None, Query(description="Day in each site's own time zone; yesterday.")] = None,
) -> JSONResponse:
    """Make visitors, metrics and breakdown of one local day anew, publish them, and wait for it."""
    day = target_date or now.date() - timedelta(days=1)
    caller = str(request.state.principal.name)

    def ask() -> Asked:
        return calculate(settings, database, day, requested_by=caller, now=now)

    return await _waited(request, database, settings, OF_METRICS, ask)


async def _waited(
    request: Request, database: Database, settings: Settings, steps: tuple[str, ...], ask: Callable[[], Asked]
) -> JSONResponse:
    """Ask, then look every half second; between two looks no thread and no connection is held."""
    deadline = time.monotonic() + settings.run_sync_timeout_s
    asked = await run_in_threadpool(ask)
    found = await run_in_threadpool(progress, database, asked.request_ids)
    while not found.has_ended and time.monotonic() < deadline and not await request.is_disconnected():
        await asyncio.sleep(POLL_S)
        found = await run_in_threadpool(_looked, database, asked, found)
    return _answer(asked, found, steps)


def _looked(database: Database, asked: Asked, before: Progress) -> Progress:
    """A database that restarts meanwhile is no reason to forget what was asked."""
    try:
        return progress(database, asked.request_ids)
    except Unavailable:
        return before


def _answer(asked: Asked, found: Progress, steps: tuple[str, ...]) -> JSONResponse:
    answer = Synced(
        status=("failed" if found.has_failed else "completed") if found.has_ended else "accepted",
        requests=[SyncRequest.of(each) for each in found.requests],
        steps=[SyncStep.of(each) for each in found.steps] or [SyncStep(step=each) for each in steps],
        blocked_by=asked.blocked_by,
    )
    return JSONResponse(answer.model_dump(mode="json"), 200 if found.has_ended else 202)
