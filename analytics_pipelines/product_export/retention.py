"""Who stays: of those who signed up in one day, week or month, how many made an item then and in each later one.

A user counts as active in a period when at least one of the items that are still there was made in it, since signing
up. Periods are calendar days, weeks from Monday, or months, in UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.product_export.queries import latest_day

USUAL_PERIODS = 8
MOST_PERIODS = 120
MONTHS = 12


class Unit(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class RetentionPeriod:
    """The period so many units after the cohort's own, which has number 0."""

    period_number: int
    active_user_count: int
    active_pct: float | None
    """Of the cohort's users; None for a cohort of none."""
    is_complete: bool
    """Whether the latest exported day comes after the period; else the count can still grow."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Those who signed up in the unit that begins on `cohort_date` and are still there, and their periods so far."""

    cohort_date: date
    user_count: int
    periods: list[RetentionPeriod]


@dataclass(frozen=True, slots=True)
class _SignedUp:
    cohort_date: date
    user_count: int


@dataclass(frozen=True, slots=True)
class _Active:
    cohort_date: date
    period_date: date
    user_count: int


def retention(
    lease: Lease, *, unit: Unit = Unit.WEEK, cohorts: int = USUAL_PERIODS, periods: int = USUAL_PERIODS
) -> list[Cohort]:
    """The last `cohorts` cohorts, the one of the latest exported day last, empty ones too.

    Of each at most `periods` periods, those that have begun by that day. Nothing where nothing was exported. Raises
    `TimedOut`.
    """
    known = latest_day(lease)
    if known is None:
        return []
    newest = start_of(known, unit)
    starts = [later(newest, unit, number) for number in range(1 - cohorts, 1)]
    values = {"export_date": known, "unit": unit.value, "first_date": starts[0], "last_date": newest}
    signed_up = lease.rows(_SignedUp, from_file(__package__, "cohorts"), **values)
    active = lease.rows(_Active, from_file(__package__, "retention"), **values)
    sizes = {each.cohort_date: each.user_count for each in signed_up}
    counts = {(each.cohort_date, each.period_date): each.user_count for each in active}
    return [
        Cohort(start, size, list(_periods(start, size, unit, periods, known, counts)))
        for start in starts
        for size in [sizes.get(start, 0)]
    ]


def start_of(day: date, unit: Unit) -> date:
    """The first day of the unit that the day is in."""
    match unit:
        case Unit.DAY:
            return day
        case Unit.WEEK:
            return day - timedelta(days=day.weekday())
        case Unit.MONTH:
            return day.replace(day=1)


def later(start: date, unit: Unit, number: int) -> date:
    """The first day of the unit that comes so many units after the one with this first day; before it, if negative."""
    if unit is Unit.MONTH:
        year, month = divmod(start.year * MONTHS + start.month - 1 + number, MONTHS)
        return date(year, month + 1, 1)
    return start + timedelta(days=number * (7 if unit is Unit.WEEK else 1))


def _periods(  # noqa: PLR0917 - one cohort's part of `retention`
    start: date, size: int, unit: Unit, periods: int, known: date, counts: dict[tuple[date, date], int]
) -> Iterator[RetentionPeriod]:
    for number in range(periods):
        begins = later(start, unit, number)
        if begins > known:
            return
        count = counts.get((start, begins), 0)
        share_pct = round(100 * count / size, 2) if size else None
        yield RetentionPeriod(number, count, share_pct, is_complete=later(begins, unit, 1) <= known)
