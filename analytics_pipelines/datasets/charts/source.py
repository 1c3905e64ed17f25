"""What a chart is drawn from: numbers that were computed, their names, and nothing of how they came about.

Names and group values are shown as text and nowhere used as a name, a path or an expression. A value that is None or
not finite is not drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.plan.model import ChartType

Cell = str | bool | int | float | date | datetime | None
Moment = date | datetime


class Role(StrEnum):
    """What a column of grouped rows is to the chart."""

    GROUP = "group"
    TIME = "time"
    MEASURE = "measure"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartColumn:
    """A column of grouped rows."""

    name: str
    kind: ColumnKind
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsSource:
    """Measures by groups, spans of time, or both: lines, bars, points or a heatmap."""

    title: str
    columns: Sequence[ChartColumn]
    rows: Sequence[Sequence[Cell]]
    """In the order in which they are shown; aware times, or naive ones and days as they read."""
    chart_type: ChartType
    """`line`, `bar`, `scatter` (points) or `heatmap`."""
    timezone: str = "UTC"
    """In which aware times are shown."""
    other: Sequence[int] = ()
    """Places of the rows that stand for all groups that have none of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Five numbers of one group; whiskers end at the last value within 1.5 interquartile ranges."""

    group: Cell
    whisker_low: float
    quartile_1: float
    median: float
    quartile_3: float
    whisker_high: float
    outliers: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSource:
    """Boxes side by side."""

    title: str
    value_name: str
    boxes: Sequence[Box]
    group_name: str | None = None
    """None where the only box is of all rows."""
    group_count: int | None = None
    """Groups that there are, where `boxes` holds those with most values; None where it holds all."""
    most_outliers: int | None = None
    """Outliers that a box has at most on either side, the farthest; None where it has all."""
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramBin:
    """How many values lie from `start` up to `end`."""

    start: float
    end: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramSource:
    """How the values of one column are spread."""

    title: str
    value_name: str
    bins: Sequence[HistogramBin]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A fitted line and the 95 % band of its mean; all of one length, `x` rising."""

    x: Sequence[float]
    y: Sequence[float]
    lower: Sequence[float] = ()
    upper: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScatterSource:
    """Points of two columns, with a fitted line if there is one."""

    title: str
    x_name: str
    y_name: str
    x: Sequence[float]
    y: Sequence[float]
    line: Line | None = None
    rows: int | None = None
    """Of which the points are a sample; None where they are all."""
    chart_type: ChartType = ChartType.SCATTER
    """`scatter`, or `heatmap`: how many points lie in each field of a grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What an interval of a forecast covers, step by step."""

    lower: Sequence[float]
    upper: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastSource:
    """A series and what is expected of it."""

    title: str
    time_name: str
    value_name: str
    at: Sequence[Moment]
    values: Sequence[float | None]
    future_at: Sequence[Moment]
    expected: Sequence[float]
    band_80: Band
    band_95: Band
    timezone: str = "UTC"


ChartSource = GroupsSource | BoxSource | HistogramSource | ScatterSource | ForecastSource
