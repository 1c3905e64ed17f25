"""The two curves of the home page, each read from one generation."""

from dataclasses import dataclass
from datetime import date

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file

DAYS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class DayValue:
    """One point of a curve."""

    day: date
    value: int


def visits_by_day(lease: Lease) -> list[DayValue]:
    """Visits of all sites on each of the last days with traffic, at most `DAYS_SHOWN`, in order."""
    return _newest_last(lease, "visits_by_day")


def stored_bytes_by_day(lease: Lease) -> list[DayValue]:
    """Space taken by all shares, in bytes, on each of the last days with a snapshot, in order."""
    return _newest_last(lease, "stored_bytes_by_day")


def _newest_last(lease: Lease, question: str) -> list[DayValue]:
    return lease.rows(DayValue, from_file(__package__, question), days=DAYS_SHOWN)[::-1]
