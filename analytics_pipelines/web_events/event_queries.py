"""Questions about the event log itself, answered by PostgreSQL: what came last, how much there is, what failed."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import sqlalchemy as sa

from analytics_pipelines.foundation.clock import midnight
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.log_tables import EVENT_LOG, FAILED_EVENT

MOST_NAMES = 1_000
MOST_SHOWN_CHARACTERS = 2_000
MASK = "[address]"
ADDRESS_LIKE = re.compile(
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w)|(?<![\w.:])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F.]{0,15}){2,8}(?![\w:])"
)


class BadCursor(BadInput):
    """The cursor is none that an earlier answer gave."""


@dataclass(frozen=True, slots=True)
class RecentEvent:
    """One stored event; `properties` are the client's, or empty."""

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


@dataclass(frozen=True, slots=True)
class EventTotals:
    """Stored events in PostgreSQL: all of them, by type and site (most first), by UTC day of receipt (in order).

    At most `MOST_NAMES` types and sites are named.
    """

    total: int
    by_type: dict[str, int]
    by_site: dict[str, int]
    by_day: dict[date, int]


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """One rejected event; `payload` is the beginning of what came, addresses masked, `size_bytes` all that is kept.

    `outcome` is what its last replay gave: stored, duplicate or rejected.
    """

    failed_id: str
    site_id: str | None
    source: str
    reason: str
    detail: str
    received_at: datetime
    size_bytes: int
    payload: str
    line_number: int | None
    replayed_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class FailedPage:
    """Rejected events, newest first, and the cursor of the next page; None at the end."""

    events: list[FailedEvent]
    next_cursor: str | None


def recent_events(database: Database, site: str | None, limit: int) -> list[RecentEvent]:
    """The last `limit` stored events of `site`, or of all sites, newest receipt first. Raises `Unavailable`."""
    columns = EVENT_LOG.c
    query: sa.Select[Any] = sa.select(
        columns.event_id,
        columns.event_type,
        columns.site_id,
        columns.visitor_id,
        columns.session_id,
        columns.event_at,
        columns.received_at,
        columns.url,
        columns.path,
        columns.payload["properties"].label("properties"),
    )
    if site is not None:
        query = query.where(columns.site_id == site)
    newest = query.order_by(columns.received_at.desc(), columns.log_number.desc()).limit(limit)
    with database.reading() as connection:
        return [_recent(row) for row in connection.execute(newest)]


def event_totals(
    database: Database, site: str | None = None, first: date | None = None, last: date | None = None
) -> EventTotals:
    """How many events PostgreSQL holds, received from `first` to `last`. Raises `Unavailable`, `TimedOut`."""
    query = sa.text(from_file(__package__, "count_events").text)
    values = {"site": site, "first": first, "last": last, "most": MOST_NAMES}
    with database.reading() as connection:
        rows = connection.execute(query, values).all()
    by_type = {row.event_type: row.events for row in rows if row.event_type is not None}
    by_site = {row.site_id: row.events for row in rows if row.site_id is not None}
    by_day = sorted((row.received_date, row.events) for row in rows if row.received_date is not None)
    return EventTotals(sum(events for _, events in by_day), by_type, by_site, dict(by_day))


def failed_events(
    database: Database,
    *,
    limit: int,
    cursor: str | None = None,
    site: str | None = None,
    reason: Reason | None = None,
    first: date | None = None,
    last: date | None = None,
) -> FailedPage:
    """Events rejected from `first` to `last`, newest first, `limit` a page. Raises `BadCursor`, `Unavailable`."""
    columns = FAILED_EVENT.c
    conditions = [
        columns.site_id == site if site is not None else None,
        columns.reason == reason.value if reason else None,
        columns.received_at >= midnight(first) if first else None,
        columns.received_at < midnight(last) + timedelta(days=1) if last else None,
        sa.tuple_(columns.received_at, columns.failed_id) < _place(cursor) if cursor else None,
    ]
    query = sa.select(FAILED_EVENT, sa.func.octet_length(columns.payload).label("size_bytes"))
    for condition in conditions:
        if condition is not None:
            query = query.where(condition)
    page = query.order_by(columns.received_at.desc(), columns.failed_id.desc()).limit(limit + 1)
    with database.reading() as connection:
        found = [_failed(row) for row in connection.execute(page)]
    return FailedPage(found[:limit], _cursor(found[limit - 1]) if len(found) > limit else None)


def masked(text: str) -> str:
    """The text with what reads like an IP address replaced by `MASK`."""
    return ADDRESS_LIKE.sub(lambda found: MASK if _is_address(found.group()) else found.group(), text)


def _is_address(text: str) -> bool:
    try:
        ip_address(text.rstrip("."))
    except ValueError:
        return False
    return True


def _recent(row: "sa.Row[Any]") -> RecentEvent:
    values = row._asdict()
    properties = values["properties"]
    return RecentEvent(**values | {"properties": properties if isinstance(properties, dict) else {}})


def _failed(row: "sa.Row[Any]") -> FailedEvent:
    return FailedEvent(
        failed_id=row.failed_id,
        site_id=row.site_id,
        source=row.source,
        reason=row.reason,
        detail=row.detail,
        received_at=row.received_at,
        size_bytes=row.size_bytes,
        payload=masked(row.payload.decode(errors="backslashreplace"))[:MOST_SHOWN_CHARACTERS],
        line_number=row.line_number,
        replayed_at=row.replayed_at,
        outcome=row.outcome,
    )


def _cursor(last: FailedEvent) -> str:
    return urlsafe_b64encode((last.received_at.isoformat() + " " + last.failed_id).encode()).decode()


def _place(cursor: str) -> "sa.Tuple":
    """The event after which the page begins."""
    try:
        at, _, failed_id = urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        return sa.tuple_(sa.literal(datetime.fromisoformat(at)), sa.literal(failed_id))
    except ValueError:
        raise BadCursor("The cursor is none of ours.", remedy="Begin again without one.") from None
