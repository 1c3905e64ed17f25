"""The state of the platform's work: requests, the daemon that answers them, tables, and what waits to be processed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.heartbeat import DAEMON, last_beat
from analytics_pipelines.operations.mirror import Freshness, freshness
from analytics_pipelines.operations.requests import RunRequest, State, counts
from analytics_pipelines.operations.run_sync import open_remakes
from analytics_pipelines.operations.steps import RunStep, last_steps
from analytics_pipelines.operations.unprocessed import Unprocessed, unprocessed
from analytics_pipelines.web_events.queries import EventCounts
from analytics_pipelines.web_events.queries import counts as event_counts

SILENT_AFTER = timedelta(seconds=60)
REMEDY = "Requests wait until one does; `analytics up` runs it."


@dataclass(frozen=True, slots=True)
class Daemon:
    """Whether a Dagster daemon turns requests into runs, and since when not."""

    last_heartbeat_at: datetime | None
    age_s: float | None
    is_answering: bool
    message: str


@dataclass(frozen=True, slots=True)
class Status:
    """All of it at one moment."""

    requests: dict[State, int]
    daemon: Daemon
    tables: list[Freshness]
    events: EventCounts
    unprocessed: Unprocessed
    steps: list[RunStep]
    remakes: list[RunRequest]


def status(database: Database, now: datetime) -> Status:
    """The state at the moment `now`. Raises `Unavailable`."""
    return Status(
        requests=counts(database),
        daemon=daemon(last_beat(database, DAEMON), now),
        tables=freshness(database),
        events=event_counts(database),
        unprocessed=unprocessed(database, now),
        steps=last_steps(database),
        remakes=open_remakes(database),
    )


def daemon(last_heartbeat_at: datetime | None, now: datetime) -> Daemon:
    """What the last heartbeat says of the daemon; it is silent once that is over a minute old."""
    if last_heartbeat_at is None:
        return Daemon(None, None, is_answering=False, message="No daemon has answered yet. " + REMEDY)
    age = max(now - last_heartbeat_at, timedelta(0))
    if age <= SILENT_AFTER:
        return Daemon(last_heartbeat_at, age.total_seconds(), is_answering=True, message="The daemon answers.")
    since = last_heartbeat_at.isoformat(timespec="seconds")
    told = "No daemon has answered since " + since + ". " + REMEDY
    return Daemon(last_heartbeat_at, age.total_seconds(), is_answering=False, message=told)
