"""Questions about web traffic: metrics from one generation, the state of the event log from PostgreSQL."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.log_tables import EVENT_LOG, FAILED_EVENT


@dataclass(frozen=True, slots=True)
class DailyMetrics:
    """A site's figures for one of its local days, as `out_web__daily_metrics` declares them.

    Those of visits are None where no visit began.
    """

    metric_date: date
    site_id: str
    visitors: int
    new_visitors: int
    returning_visitors: int
    visits: int
    pageviews: int
    events: int
    views_per_visit: float | None
    bounce_rate_pct: float | None
    visit_duration_s: float | None
    median_duration_s: float | None
    p90_duration_s: float | None


@dataclass(frozen=True, slots=True)
class EventDay:
    """How many stored events were received on one UTC day."""

    received_date: date
    events: int


@dataclass(frozen=True, slots=True)
class EventCounts:
    """What PostgreSQL holds: stored events by type, most first, and what was rejected."""

    by_type: dict[str, int]
    failed: int

    @property
    def stored(self) -> int:
        """Stored events of all types."""
        return sum(self.by_type.values())


def daily_metrics(lease: Lease, site: str | None, first: date, last: date) -> list[DailyMetrics]:
    """Figures of `site`, or of all sites, for the local days from `first` to `last` that had traffic, in order.

    Raises `TimedOut` past `QUERY_TIMEOUT`.
    """
    return lease.rows(DailyMetrics, from_file(__package__, "daily_metrics"), site=site, first=first, last=last)


def event_days(database: Database, first: date | None = None, last: date | None = None) -> list[EventDay]:
    """The UTC days of receipt from `first` to `last` that hold events, in order. Raises `Unavailable`."""
    query = sa.text(from_file(__package__, "event_days").text)
    with database.reading() as connection:
        found = connection.execute(query, {"first": first, "last": last})
        return [EventDay(row.received_date, row.events) for row in found]


def counts(database: Database) -> EventCounts:
    """Events by type and rejects. Raises `Unavailable`."""
    by_type = sa.select(EVENT_LOG.c.event_type, sa.func.count().label("events")).group_by(EVENT_LOG.c.event_type)
    failed = sa.select(sa.func.count()).select_from(FAILED_EVENT)
    with database.reading() as connection:
        found = Counter({row.event_type: row.events for row in connection.execute(by_type)})
        return EventCounts(dict(found.most_common()), connection.execute(failed).scalar_one())
