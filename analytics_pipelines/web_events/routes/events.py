"""HTTP door of the event log: what came last, how much there is, what failed, and whether it all balances."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.http_kit.depends import Db, Now, Parts
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.http_kit.wiring import Wiring
from analytics_pipelines.web_events import event_queries
from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.event_queries import BadCursor
from analytics_pipelines.web_events.intake.drain import spooled_by_day_and_site
from analytics_pipelines.web_events.reconcile import (
    DaysBackwards,
    ReceiptDay,
    Span,
    TooManyDays,
    TooManyRows,
    reconcile,
    since,
)

MOST_LISTED = 1_000
USUAL_DAYS = 7

router = APIRouter(prefix="/events", tags=["web events"])
reading = [requires(Scope.VIEWER)]
Limit = Annotated[int, Query(ge=1, le=MOST_LISTED)]
Site = Annotated[str | None, Query(max_length=255, description="Only this site.")]
First = Annotated[date | None, Query(alias="from", description="First UTC day of receipt.")]
Last = Annotated[date | None, Query(alias="to", description="Last UTC day of receipt.")]


class StoredEvent(BaseModel):
    """A stored event; the client's address is never shown."""

    event_id: str
    event_type: str
    site_id: str
    visitor_id: str
    session_id: str | None
    event_at: datetime
    received_at: datetime
    url: str | None
    path: str | None
    properties: dict[str, Any]


class StoredEvents(BaseModel):
    """Events that PostgreSQL holds; the thousand most frequent types and sites are named."""

    total: int
    by_type: dict[str, int]
    by_site: dict[str, int]
    by_day: dict[date, int] = Field(description="By UTC day of receipt.")


class RejectedEvent(BaseModel):
    """A rejected event."""

    failed_id: str
    site_id: str | None
    source: str
    reason: str
    detail: str
    received_at: datetime
    size_bytes: int = Field(description="Bytes of the payload that are kept.")
    payload: str = Field(description="Beginning of what came, addresses masked.")
    line_number: int | None = Field(description="Line of an imported log.")
    replayed_at: datetime | None
    outcome: str | None = Field(description="Of the last replay: stored, duplicate or rejected.")


class RejectedEvents(BaseModel):
    """A page of rejected events, newest first; `next_cursor` is null on the last one."""

    events: list[RejectedEvent]
    next_cursor: str | None


class Differing(BaseModel):
    """A stage that does not hold what the one before it promised."""

    stage: str
    expected: int
    found: int


class Stages(BaseModel):
    """Rows by stage; null where the stage does not hold the day."""

    event_log: int
    failed_event: int | None
    raw: int | None
    late: int | None
    core: int | None


class ReconciledDay(BaseModel):
    """What became of what came in on one UTC day for one site."""

    received_date: date
    site_id: str = Field(description="Empty for rejects that named no site.")
    received: int
    stored: int
    duplicate: int
    rejected: int
    spooled: int
    is_balanced: bool = Field(description="received = stored + duplicate + rejected + spooled")
    is_dropped: bool = Field(description="Retention has dropped the day from PostgreSQL.")
    is_pending: bool = Field(description="The lake has still to take the day in.")
    stages: Stages
    differences: list[Differing]


class Totals(BaseModel):
    """The sums of all days listed."""

    received: int
    stored: int
    duplicate: int
    rejected: int
    spooled: int


class Reconciled(BaseModel):
    """Every day of receipt and site on which anything came in."""

    first_date: date
    last_date: date
    generation: str | None = Field(description="The published generation whose stages were counted.")
    is_balanced: bool
    total: Totals
    days: list[ReconciledDay]


@router.get("/recent", dependencies=reading, responses=documented(Unavailable))
def read_recent(database: Db, site: Site = None, limit: Limit = 50) -> list[StoredEvent]:
    """The last stored events, newest first."""
    return [StoredEvent(**asdict(each)) for each in event_queries.recent_events(database, site, limit)]


@router.get("/count", dependencies=reading, responses=documented(Unavailable, TimedOut))
def count_events(database: Db, site: Site = None, first: First = None, last: Last = None) -> StoredEvents:
    """How many events are stored in PostgreSQL: all, by type, by site, by day of receipt."""
    return StoredEvents(**asdict(event_queries.event_totals(database, site, first, last)))


@router.get("/failed", dependencies=reading, responses=documented(BadCursor, Unavailable))
def read_failed(
    database: Db,
    *,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    site: Site = None,
    reason: Reason | None = None,
    first: First = None,
    last: Last = None,
) -> RejectedEvents:
    """Rejected events with their reasons, newest first; `analytics replay-failed` tries them again."""
    page = event_queries.failed_events(
        database, limit=limit, cursor=cursor, site=site, reason=reason, first=first, last=last
    )
    return RejectedEvents(**asdict(page))


@router.get(
    "/reconcile", dependencies=reading, responses=documented(DaysBackwards, TooManyDays, TooManyRows, Unavailable)
)
def read_reconciliation(
    parts: Parts,
    now: Now,
    first: First = None,
    last: Last = None,
    site: Site = None,
) -> Reconciled:
    """Whether everything received has one outcome, and what each stage down to the lake holds; by default a week."""
    end = last or now.date()
    span = Span(first or end - timedelta(days=USUAL_DAYS - 1), end, site)
    days, generation = _reconciled(parts, span, since(now.date(), parts.settings.failed_events_keep_days))
    return Reconciled(
        first_date=span.first,
        last_date=span.last,
        generation=generation,
        is_balanced=all(each.is_balanced for each in days),
        total=Totals(**{name: sum(getattr(each, name) for each in days) for name in Totals.model_fields}),
        days=[_day(each) for each in days],
    )


def _reconciled(parts: Wiring, span: Span, failed_since: date) -> tuple[list[ReceiptDay], str | None]:
    """The days, and the generation they were compared with; without an ETag, since PostgreSQL moves on."""
    database = parts.database()
    spooled = spooled_by_day_and_site(parts.settings, database)
    if parts.generations.current_id is None:
        return reconcile(database, None, spooled, span, failed_since=failed_since), None
    with parts.generations.acquire() as lease:
        return reconcile(database, lease, spooled, span, failed_since=failed_since), lease.id


def _day(found: ReceiptDay) -> ReconciledDay:
    return ReconciledDay(
        received_date=found.received_date,
        site_id=found.site_id,
        received=found.received,
        stored=found.stored,
        duplicate=found.duplicate,
        rejected=found.rejected,
        spooled=found.spooled,
        is_balanced=found.is_balanced,
        is_dropped=found.is_dropped,
        is_pending=found.is_pending,
        stages=Stages(
            event_log=found.event_log,
            failed_event=found.failed,
            raw=found.raw,
            late=found.late,
            core=found.core,
        ),
        differences=[Differing(**asdict(each)) for each in found.differences],
    )
