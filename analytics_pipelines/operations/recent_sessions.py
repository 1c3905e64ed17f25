"""The newest visits of the published generation."""

from dataclasses import dataclass
from datetime import date, datetime

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.tables import SESSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """One visit; `core_web__sessions` says what each figure means."""

    site_id: str
    session_id: str
    visitor_id: str
    started_at: datetime
    ended_at: datetime
    duration_s: int
    pageviews: int
    events: int
    conversions: int
    is_bounce: bool
    is_engaged: bool
    is_bot: bool
    source: str
    medium: str | None
    campaign: str | None
    channel: str
    referrer_host: str | None
    country: str | None
    device: str
    browser: str | None
    os: str | None


def recent_sessions(lease: Lease, limit: int) -> list[SessionState]:
    """The `limit` visits that began last, newest first; empty when none is published. Raises `TimedOut`."""
    first = _first_day(lease, limit)
    if first is None:
        return []
    return lease.rows(SessionState, from_file(__package__, "recent_sessions"), first=first, limit=limit)


def _first_day(lease: Lease, limit: int) -> date | None:
    """The newest day from which on there are enough visits, so that older files need not be looked at."""
    days = [each for table in lease.generation.tables if table.name == SESSIONS.name for each in table.partitions]
    found, first = 0, None
    for each in reversed(days):
        if found >= limit:
            break
        found, first = found + each.rows, each.day
    return first
