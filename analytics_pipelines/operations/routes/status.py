"""HTTP door of the status: what works, what waits, how old it is, how long each step takes; the newest visits."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.http_kit.depends import Db, DuckLeaseOrNone, Now, Parts
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.operations.late import late_events
from analytics_pipelines.operations.recent_sessions import SessionState, recent_sessions
from analytics_pipelines.operations.requests import RunRequest, State
from analytics_pipelines.operations.routes.health import Spool
from analytics_pipelines.operations.status import Status, status
from analytics_pipelines.operations.steps import RunStep
from analytics_pipelines.operations.unprocessed import Unprocessed

MOST_SESSIONS = 1_000

router = APIRouter(prefix="/etl", tags=["operations"])
reading = [requires(Scope.VIEWER)]


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


class FenceState(BaseModel):
    """How far the export has looked at the event log."""

    log_number: int
    fenced_at: datetime | None
    blocked_by: str | None = Field(description="Who holds the log, so that the fence gives up; null when nobody does.")
    blocked_since_at: datetime | None


class TouchedDayState(BaseModel):
    """A UTC day that waits to be made anew."""

    touched_date: date
    kind: Literal["received", "event"]
    touched_at: datetime


class UnprocessedState(BaseModel):
    """What the lake does not hold yet."""

    events: int = Field(description="Events that the fence has not reached.")
    by_type: dict[str, int]
    touched_days: list[TouchedDayState] = Field(description="Days with news since they were last made, in order.")
    lag_s: float = Field(description="Age in seconds of the oldest unprocessed event or touched day; 0 without any.")


class LateState(BaseModel):
    """Events that came too late to count, in the published generation."""

    total: int
    by_day: dict[date, int] = Field(description="By UTC day of receipt, of the last 30 days.")


class StepState(BaseModel):
    """What an asset did in the last run in which it ended."""

    step: str
    run_id: str
    has_succeeded: bool
    processed: int = Field(description="Rows of the days that were published.")
    days: int
    failed: int = Field(description="Days that were not published; they stay as they were.")
    seconds: float
    ended_at: datetime

    @staticmethod
    def of(step: RunStep) -> "StepState":
        """The step under the contract's names."""
        return StepState(
            step=step.asset,
            run_id=step.run_id,
            has_succeeded=step.has_succeeded,
            processed=step.rows,
            days=step.days,
            failed=step.failed_days,
            seconds=round(step.duration_s, 3),
            ended_at=step.ended_at,
        )


class RemakeState(BaseModel):
    """A request that makes touched days anew."""

    request_id: str
    state: State
    first_date: date
    last_date: date
    requested_at: datetime


class PipelineStatus(BaseModel):
    """The work of the platform at one moment."""

    asked_at: datetime
    requests: dict[State, int]
    daemon: DaemonState
    tables: list[TableState]
    events: EventState
    unprocessed: UnprocessedState
    fence: FenceState
    steps: list[StepState] = Field(description="The last step of each asset within 30 days.")
    late_events: LateState
    spool: Spool | None = Field(description="What waits on this machine; null when its file can not be read.")
    remakes: list[RemakeState] = Field(description="Requests that make touched days anew and have not ended.")


@router.get("/status", dependencies=reading, responses=documented(Unavailable, TimedOut))
def read_status(database: Db, now: Now, parts: Parts) -> PipelineStatus:
    """Requests, daemon, tables and events; what is not processed yet and how old it is; seconds of each step."""
    found = status(database, now)
    late = late_events(parts.generations.summary().generation, now.date())
    return PipelineStatus(
        asked_at=now,
        late_events=LateState(total=late.total, by_day=late.by_day),
        spool=Spool.of(parts.settings),
        unprocessed=_unprocessed(found.unprocessed),
        fence=FenceState(**asdict(found.unprocessed.fence)),
        **_work(found),
    )


@router.get("/recent-sessions", dependencies=reading, responses=documented(TimedOut))
def read_recent_sessions(
    lease: DuckLeaseOrNone, limit: Annotated[int, Query(ge=1, le=MOST_SESSIONS)] = 5
) -> list[SessionState]:
    """The visits that began last, newest first; none before the first publication."""
    return recent_sessions(lease, limit) if lease else []


def _unprocessed(found: Unprocessed) -> UnprocessedState:
    return UnprocessedState(
        events=found.events,
        by_type=found.by_type,
        touched_days=[TouchedDayState.model_validate(asdict(each)) for each in found.touched_days],
        lag_s=found.lag_s,
    )


def _remake(found: RunRequest) -> RemakeState:
    return RemakeState(
        request_id=found.id,
        state=found.state,
        first_date=found.wish.first_date,
        last_date=found.wish.last_date,
        requested_at=found.requested_at,
    )


def _work(found: Status) -> dict[str, object]:
    return {
        "requests": found.requests,
        "daemon": DaemonState(**asdict(found.daemon)),
        "tables": [TableState(**asdict(table)) for table in found.tables],
        "events": EventState(stored=found.events.stored, failed=found.events.failed, by_type=found.events.by_type),
        "steps": [StepState.of(each) for each in found.steps],
        "remakes": [_remake(each) for each in found.remakes],
    }
