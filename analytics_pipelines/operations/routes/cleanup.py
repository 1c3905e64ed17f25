"""HTTP door of retention: days of the event log that the lake holds, verified, and are old enough to go."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.foundation.generation import NothingPublished
from analytics_pipelines.http_kit.depends import Db, Now, Parts
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.web_events.retention import drop_exported

MOST_DAYS = 36_500

router = APIRouter(prefix="/etl", tags=["operations"])
Days = Annotated[int, Query(ge=1, le=MOST_DAYS, description="Days of receipt, today not counted, that stay.")]


class CleanedDay(BaseModel):
    """A UTC day of receipt that was old enough: dropped from PostgreSQL, or why not."""

    received_date: date
    is_dropped: bool
    events: int = Field(0, description="Events taken out of the log; the lake keeps them.")
    reason: str | None = Field(None, description="Why the day stays.")


class Cleaned(BaseModel):
    """What retention did."""

    days: list[CleanedDay]
    failed_events: int = Field(description="Rejects deleted, older than `FAILED_EVENTS_KEEP_DAYS`.")
    salts: int = Field(description="Salts of visitor hashes deleted, that nothing needs any more.")


@router.post(
    "/cleanup",
    dependencies=[requires(Scope.ADMIN)],
    responses=documented(NothingPublished, TimedOut, Unavailable),
)
def clean_up(database: Db, now: Now, parts: Parts, retention_days: Days = 90) -> Cleaned:
    """Drop the days of the event log that are over `retention_days` old and that the lake holds, verified."""
    before = now.date() - timedelta(days=retention_days)
    keep_days = parts.settings.failed_events_keep_days
    with parts.generations.acquire() as lease:
        found = drop_exported(database, lease, before, now=now, failed_events_keep_days=keep_days)
    dropped = [CleanedDay(received_date=each.received_date, is_dropped=True, events=each.events) for each in found.days]
    kept = [
        CleanedDay(received_date=each.received_date, is_dropped=False, reason=each.reason.value) for each in found.kept
    ]
    return Cleaned(
        days=sorted(dropped + kept, key=lambda day: day.received_date),
        failed_events=found.failed_events,
        salts=found.salts,
    )
