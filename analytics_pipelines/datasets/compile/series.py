"""A series for a forecast: one value for each moment, in the order of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from itertools import pairwise

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from analytics_pipelines.datasets.compile.aggregate import aggregate
from analytics_pipelines.datasets.compile.columns import MOMENT, column_of, number_of, value_of
from analytics_pipelines.datasets.compile.groups import readable
from analytics_pipelines.datasets.compile.kept import Kept
from analytics_pipelines.datasets.plan.meaning import series_measure
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.subject import Subject
from analytics_pipelines.foundation.errors import BadInput, LimitExceeded
from analytics_pipelines.foundation.sql import Sql

MOST_POINTS = 100_000
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


def series(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Series:
    """The plan's target over its time: by bucket if there is one, the mean of each unless the plan says otherwise.

    Raises `DuplicateTimes`, `TooManyPoints`, `TimeOutOfRange`, and what `aggregate` raises.
    """
    points = _by_bucket(cursor, plan, subject) if plan.bucket else _as_they_are(cursor, plan, subject)
    if len(points) > MOST_POINTS:
        raise TooManyPoints(
            "The series is too long.", limit=f"{MOST_POINTS:,} points", remedy="Give a bucket, or a longer one."
        )
    at = tuple(_time(each) for each, _ in points)
    _must_differ(at)
    return Series(at=at, values=np.array([value for _, value in points], dtype=np.float64))


def _by_bucket(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Sequence[tuple[object, object]]:
    by_time = plan.model_copy(update={"group_by": [], "top": None})
    found = aggregate(cursor, by_time, subject, measures=[series_measure(plan)], most=MOST_POINTS + 1)
    return [(at, value) for at, value in found.rows if at is not None and value is not None]


def _as_they_are(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Sequence[tuple[object, object]]:
    kept = Kept(plan, subject)
    column = column_of(subject, plan.time_column or "")
    at = kept.columns.add(readable(column, value_of(column)))
    value = kept.columns.add(number_of(column_of(subject, plan.target_column or "")))
    found = kept.question(POINTS, at=at, value=value, most=Sql(str(MOST_POINTS + 1))).tuples(cursor)
    zone = UTC if column.type == MOMENT else None
    return [(_in_zone(moment, zone), number) for moment, number in found]


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
