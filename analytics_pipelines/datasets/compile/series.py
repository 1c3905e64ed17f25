"""A series for a forecast: one value for each moment, in the order of time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from analytics_pipelines.datasets.compile.aggregate import aggregate
from analytics_pipelines.datasets.compile.columns import MOMENT, column_of, number_of, value_of
from analytics_pipelines.datasets.compile.groups import readable
from analytics_pipelines.datasets.compile.kept import Kept
from analytics_pipelines.datasets.compile.spans import spans_between
from analytics_pipelines.datasets.plan.meaning import NamedMeasure, series_measure
from analytics_pipelines.datasets.plan.model import Operation, Plan
from analytics_pipelines.datasets.subject import Subject
from analytics_pipelines.foundation.errors import BadInput, LimitExceeded
from analytics_pipelines.foundation.sql import Sql

MOST_POINTS = 100_000
COUNTS = {Operation.COUNT, Operation.COUNT_DISTINCT}
ADDED_UP = {*COUNTS, Operation.SUM}
"""What a part of a bucket has less of."""
COMPLETE = 0.9
"""How far into its bucket the last time reaches at least, in parts of how far all others reach."""
POINTS = Sql(
    "SELECT {at}, {value} FROM (\n{kept}\n) AS kept"
    " WHERE {at} IS NOT NULL AND {value} IS NOT NULL ORDER BY {at}, {value} LIMIT {most}"
)


class DuplicateTimes(BadInput):
    """Several rows have the same time, so that the rows are no series."""


class TooManyPoints(LimitExceeded):
    """The series is longer than one that is forecast."""


class TimeOutOfRange(BadInput):
    """A time is none of the years 1 to 9999."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values in the order of time; each time once, times without a value left out.

    Moments are aware and in UTC, so that their differences are spans of real time; days, and times without a zone,
    are naive.
    """

    at: tuple[datetime, ...]
    values: NDArray[np.float64]
    warnings: tuple[str, ...] = ()


def series(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Series:
    """The plan's target over its time: by bucket if there is one, the mean of each unless the plan says otherwise.

    Raises `DuplicateTimes`, `TooManyPoints`, `TimeOutOfRange`, and what `aggregate` raises.
    """
    return _by_bucket(cursor, plan, subject) if plan.bucket else _as_they_are(cursor, plan, subject)


def _by_bucket(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Series:
    """Buckets without rows are left out, but a count of them is zero."""
    by_time, measure = plan.model_copy(update={"group_by": [], "top": None}), series_measure(plan)
    newest = NamedMeasure(operation=Operation.MAX, column=plan.time_column, quantile=None, name="newest")
    found = aggregate(cursor, by_time, subject, measures=[measure, newest], most=MOST_POINTS + 1)
    rows = [row for row in found.rows if row[0] is not None and row[1] is not None]
    given = _series((at, value) for at, value, _ in rows)
    warnings = _told_of_the_last(plan, rows) if measure.operation in ADDED_UP else ()
    return replace(_with_zeros(plan, given) if measure.operation in COUNTS else given, warnings=warnings)


def _with_zeros(plan: Plan, given: Series) -> Series:
    """As they are where clocks moved by less than a bucket, so that not all lie on one grid."""
    if not plan.bucket or not given.at:
        return given
    spans = spans_between(given.at, plan.bucket, most=MOST_POINTS)
    if spans is None:
        raise _too_many()
    values = dict(zip(given.at, given.values.tolist(), strict=True))
    return _series((at, values.get(at, 0.0)) for at in spans) if values.keys() <= set(spans) else given


def _told_of_the_last(plan: Plan, rows: Sequence[Sequence[object]]) -> tuple[str, ...]:
    """Whether the last bucket looks unfinished: its rows end earlier in it than those of any bucket before."""
    *others, last = [_on_the_wall(newest) - _on_the_wall(at) for at, _, newest in rows] or [timedelta()]
    if not others or last >= COMPLETE * min(others):
        return ()
    at, newest = (_on_the_wall(rows[-1][place]).isoformat() for place in (0, 2))
    seen = f"The last {plan.bucket} ends with {newest} and seems to be a part of one, taken for whole."
    return (f"{seen} Filter {plan.time_column} to before {at}, or wait for the rest.",)


def _on_the_wall(at: object) -> datetime:
    """The time as a clock of the plan's zone reads."""
    return at.replace(tzinfo=None) if isinstance(at, datetime) else _time(at)


def _series(points: Iterable[tuple[object, object]]) -> Series:
    told = list(points)
    if len(told) > MOST_POINTS:
        raise _too_many()
    at = tuple(_time(each) for each, _ in told)
    _must_differ(at)
    return Series(at=at, values=np.array([value for _, value in told], dtype=np.float64))


def _too_many() -> TooManyPoints:
    return TooManyPoints(
        "The series is too long.", limit=f"{MOST_POINTS:,} points", remedy="Give a bucket, or a longer one."
    )


def _as_they_are(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Series:
    kept = Kept(plan, subject)
    column = column_of(subject, plan.time_column or "")
    at = kept.columns.add(readable(column, value_of(column)))
    value = kept.columns.add(number_of(column_of(subject, plan.target_column or "")))
    found = kept.question(POINTS, at=at, value=value, most=Sql(str(MOST_POINTS + 1))).tuples(cursor)
    zone = UTC if column.type == MOMENT else None
    return _series((_in_zone(moment, zone), number) for moment, number in found)


def _in_zone(moment: object, zone: tzinfo | None) -> object:
    return moment.replace(tzinfo=zone) if isinstance(moment, datetime) else moment


def _time(at: object) -> datetime:
    if isinstance(at, datetime):
        return at.astimezone(UTC) if at.tzinfo else at
    if isinstance(at, date):
        return datetime.combine(at, time())
    raise TimeOutOfRange("A time is outside the years 1 to 9999.", remedy="Filter such rows out.")


def _must_differ(at: Sequence[datetime]) -> None:
    twice = next((first for first, second in pairwise(at) if first == second), None)
    if twice is not None:
        raise DuplicateTimes(
            "The time " + twice.isoformat() + " comes more than once.",
            remedy="Give a bucket, whose rows are then averaged, or filter to the rows of one series.",
        )
