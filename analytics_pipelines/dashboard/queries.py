"""The curves and lists of the home page, each read from one generation."""

from dataclasses import dataclass
from datetime import date

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file

DAYS_SHOWN = 30
ROWS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class DayValue:
    """One point of a curve."""

    day: date
    value: int


@dataclass(frozen=True, slots=True)
class NamedCount:
    """One line of a list."""

    name: str
    count: int


def visits_by_day(lease: Lease) -> list[DayValue]:
    """Visits of all sites on each of the last days with traffic, at most `DAYS_SHOWN`, in order."""
    return _newest_last(lease, "visits_by_day")


def stored_bytes_by_day(lease: Lease) -> list[DayValue]:
    """Space taken by all shares, in bytes, on each of the last days with a snapshot, in order."""
    return _newest_last(lease, "stored_bytes_by_day")


def top_channels(lease: Lease) -> list[NamedCount]:
    """Channels with the most visits of all sites in the last `DAYS_SHOWN` days, most first."""
    return _top(lease, "top_channels")


def top_pages(lease: Lease) -> list[NamedCount]:
    """Pages with the most page views of all sites in the last `DAYS_SHOWN` days, most first; empty for no path."""
    return _top(lease, "top_pages")


def _top(lease: Lease, question: str) -> list[NamedCount]:
    return lease.rows(NamedCount, from_file(__package__, question), days=DAYS_SHOWN, rows=ROWS_SHOWN)


def _newest_last(lease: Lease, question: str) -> list[DayValue]:
    return lease.rows(DayValue, from_file(__package__, question), days=DAYS_SHOWN)[::-1]
