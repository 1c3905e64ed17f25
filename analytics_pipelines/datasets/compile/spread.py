"""How the values of one column are spread: a histogram, or five numbers and what lies outside of them."""

import math
from collections.abc import Sequence
from typing import Any

from duckdb import DuckDBPyConnection

from analytics_pipelines.datasets.charts.source import Box, Cell, HistogramBin
from analytics_pipelines.datasets.compile.columns import column_of, number_of
from analytics_pipelines.datasets.compile.groups import groups_of
from analytics_pipelines.datasets.compile.kept import Kept
from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.plan.meaning import measures_of
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.subject import Subject, SubjectColumn
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.sql import Sql

MOST_BINS = 50
MOST_BOXES = 50
MOST_OUTLIERS = 20
"""Told of each box: the farthest, half of them below it and half above."""
WHISKER = 1.5
"""Interquartile ranges that a whisker reaches at most (Tukey 1977)."""
EXTENT = Sql(
    "SELECT COUNT({value}), MIN({value}), MAX({value}), QUANTILE_CONT({value}, [0.25, 0.75])"
    " FROM (\n{kept}\n) AS kept WHERE ISFINITE({value})"
)
BINNED = Sql(
    "SELECT CAST(LEAST(FLOOR({value} / {width} - {start} / {width}), {last}) AS INTEGER) AS bin, COUNT(*)"
    " FROM (\n{kept}\n) AS kept WHERE ISFINITE({value}) GROUP BY bin"
)
FENCED = Sql(
    "WITH quartiles AS ("
    "SELECT {key} AS key, COUNT(*) AS values, QUANTILE_CONT({value}, [0.25, 0.5, 0.75]) AS q"
    " FROM (\n{kept}\n) AS kept WHERE ISFINITE({value}) GROUP BY key"
    " ORDER BY values DESC, key ASC NULLS LAST LIMIT {boxes}"
    "), fences AS ("
    "SELECT key, q, q[1] - {whisker} * (q[3] - q[1]) AS low, q[3] + {whisker} * (q[3] - q[1]) AS high FROM quartiles"
    ") SELECT fences.key, q, MIN({value}) FILTER ({value} >= low), MAX({value}) FILTER ({value} <= high),"
    " MIN({value}, {outliers}) FILTER ({value} < low), MAX({value}, {outliers}) FILTER ({value} > high)"
    " FROM (\n{kept}\n) AS kept JOIN fences ON {key} IS NOT DISTINCT FROM fences.key WHERE ISFINITE({value})"
    " GROUP BY fences.key, q ORDER BY fences.key ASC NULLS LAST"
)
ALL = Sql("NULL")


class NothingToSpread(BadInput):
    """The plan computes with no column whose values could be drawn."""


def histogram(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> tuple[HistogramBin, ...]:
    """How the finite values of the first measure's column are spread, in bins of one width; none without values.

    Their width is that of Freedman and Diaconis (1981), at most `MOST_BINS`; of integers it is a whole number. A bin
    holds its start, the last one its end too. Raises `NothingToSpread`, and what `counted` raises.
    """
    column = _column(plan, subject)
    kept = Kept(plan, subject)
    value = kept.columns.add(number_of(column))
    count, least, most, quartiles = kept.question(EXTENT, value=value).row(cursor)
    if not count:
        return ()
    if least == most:
        return (HistogramBin(start=least - 0.5, end=most + 0.5, count=count),)
    width, bins = _bins(count, least, most, quartiles, is_whole=column.kind is ColumnKind.INTEGER)
    parts = {"width": kept.bound.bind(width), "start": kept.bound.bind(least), "last": kept.bound.bind(bins - 1)}
    counts = dict(kept.question(BINNED, value=value, **parts).tuples(cursor))
    ends = [least + number * width for number in range(bins)] + [max(most, least + bins * width)]
    return tuple(
        HistogramBin(start=ends[number], end=ends[number + 1], count=counts.get(number, 0)) for number in range(bins)
    )


def boxes(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> tuple[Box, ...]:
    """Five numbers of the first measure's column for each value of the first group, or of all rows.

    Of more than `MOST_BOXES` groups those with most values. By group, null last. Raises as `histogram`.
    """
    kept = Kept(plan, subject)
    value = kept.columns.add(number_of(_column(plan, subject)))
    groups = groups_of(cursor, plan, subject)[:1]
    found = kept.question(
        FENCED,
        value=value,
        key=kept.columns.add(groups[0].value) if groups else ALL,
        boxes=Sql(str(MOST_BOXES)),
        whisker=Sql(str(WHISKER)),
        outliers=Sql(str(MOST_OUTLIERS // 2)),
    )
    return tuple(_box(groups[0].told(key) if groups else None, numbers) for key, *numbers in found.tuples(cursor))


def _column(plan: Plan, subject: Subject) -> SubjectColumn:
    named = next((each.column for each in measures_of(plan) if each.column), None)
    column = column_of(subject, named) if named else None
    if column is None or not column.kind.is_numeric:
        raise NothingToSpread("The plan computes with no column of numbers.", remedy="Ask for another chart.")
    return column


def _bins(count: int, least: float, most: float, quartiles: list[float], *, is_whole: bool) -> tuple[float, int]:
    """The width of a bin, and how many there are."""
    most_bins = min(MOST_BINS, math.ceil(math.log2(count)) * 4 + 1)
    reach = most / 2 - least / 2
    ideal = (quartiles[1] / 2 - quartiles[0] / 2) * 2 / count ** (1 / 3)
    bins = min(most_bins, math.ceil(reach / ideal)) if ideal > 0 and math.isfinite(reach / ideal) else most_bins
    bins = max(bins, 1)
    if not is_whole:
        return most / bins - least / bins, bins
    width = max(1, math.ceil((most - least + 1) / bins))
    return float(width), math.floor((most - least) / width) + 1


def _box(group: Cell, found: Sequence[Any]) -> Box:
    (first, middle, third), low, high, below, above = found
    return Box(
        group=group,
        whisker_low=first if low is None else min(low, first),
        quartile_1=first,
        median=middle,
        quartile_3=third,
        whisker_high=third if high is None else max(high, third),
        outliers=(*(below or ()), *reversed(above or ())),
    )
