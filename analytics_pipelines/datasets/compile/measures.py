"""What is computed of each group: aggregates of DuckDB's, and the numbers of the plan that are made of them.

Sums of integers and decimals are exact, those of DOUBLE compensated (Kahan). Means are sums by counts; quantiles lie
linearly between the two values around them, as pandas has them. Standard deviation and variance are those of a sample
(n - 1); where one pass may have lost digits they are computed again (`deviations`).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analytics_pipelines.datasets.charts.source import Cell, ChartColumn, Role
from analytics_pipelines.datasets.compile.columns import column_of, is_exact, number_of, value_of
from analytics_pipelines.datasets.compile.deviations import UNKNOWN, VARIANCE, Deviation, Spread
from analytics_pipelines.datasets.compile.groups import readable, teller
from analytics_pipelines.datasets.compile.kept import Kept, Listed
from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.plan.meaning import NamedMeasure
from analytics_pipelines.datasets.plan.model import Operation
from analytics_pipelines.datasets.subject import Subject, SubjectColumn
from analytics_pipelines.foundation.sql import Sql, joined

ROWS = Sql("COUNT(*)")
COUNT, DISTINCT = Sql("COUNT({value})"), Sql("COUNT(DISTINCT {value})")
SUM, EXACT_SUM = Sql("FSUM({value})"), Sql("SUM({value})")
EXTREMES = {Operation.MIN: Sql("MIN({value})"), Operation.MAX: Sql("MAX({value})")}
QUANTILES = Sql("QUANTILE_CONT({value}, [{quantiles}])")
DEVIATIONS = {Operation.STD, Operation.VARIANCE}
MEDIAN = 0.5
INTEGERS = {Operation.COUNT, Operation.COUNT_DISTINCT}
OF_OWN_KIND = {Operation.MIN, Operation.MAX}

Figures = Sequence[Any]
"""The aggregates of one group."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A measure: how its number is made of a group's figures, of those of all rows, and of its spread."""

    column: ChartColumn
    number: Callable[[Figures, Mapping[int, Any], Spread], Cell]
    deviation: Deviation | None = None
    """The spread that it needs."""
    may_be_infinite: bool = False
    is_share: bool = False
    """Whether it is a part of a sum: from 0 to 1 unless some values are negative, NaN where they add up to zero."""


@dataclass(slots=True)
class Measuring:
    """Measures in the making: the rows' columns that they read, and the aggregates over them."""

    kept: Kept
    subject: Subject
    timezone: str
    has_overflown: bool = False
    """Whether squares are known to overflow, so that spreads are left to the second pass."""
    figures: Listed = field(default_factory=lambda: Listed("f"))
    counts: dict[str, int] = field(default_factory=dict)
    """For each column that is computed with, the figure that counts its values."""
    wholes: dict[int, Sql] = field(default_factory=dict)
    """Figures that are also needed of all rows, and how they add up over groups."""

    def add_row_count(self) -> int:
        """Count rows too; where the count stands."""
        return self._whole(self.figure(ROWS), EXACT_SUM)

    def figure(self, sql: Sql) -> int:
        """Where the aggregate stands among the figures."""
        self.figures.add(sql)
        return self.figures.place(sql)

    def measure(self, asked: NamedMeasure, quantiles: Mapping[str, Sequence[float]]) -> Computed:
        """One of the plan's measures; `quantiles` says all that are asked of each column."""
        if asked.column is None:
            return self._of_rows(asked)
        column = column_of(self.subject, asked.column)
        value = self.kept.columns.add(value_of(column))
        count = self._whole(self.figure(COUNT.fill(value=value)), EXACT_SUM)
        self.counts[column.name] = count
        return self._of_column(asked, column, value, count, quantiles.get(column.name, ()))

    def _whole(self, place: int, adding: Sql) -> int:
        self.wholes[place] = adding
        return place

    def _of_rows(self, asked: NamedMeasure) -> Computed:
        rows = self.add_row_count()
        if asked.operation is Operation.SHARE:
            return Computed(_shown(asked, ColumnKind.NUMBER), lambda own, whole, _: _ratio(own[rows], whole[rows]))
        return Computed(_shown(asked, ColumnKind.INTEGER), lambda own, _whole, _: int(own[rows]))

    def _of_column(
        self, asked: NamedMeasure, column: SubjectColumn, value: Sql, count: int, quantiles: Sequence[float]
    ) -> Computed:
        operation, shown = asked.operation, _shown(asked, _kind(asked.operation, column))
        if operation in INTEGERS:
            place = count if operation is Operation.COUNT else self.figure(DISTINCT.fill(value=value))
            return Computed(shown, lambda own, _whole, _: int(own[place]))
        if operation in EXTREMES:
            place = self.figure(readable(column, EXTREMES[operation].fill(value=value)))
            tell = teller(column, self.timezone)
            return Computed(shown, lambda own, _whole, _: tell(own[place]), may_be_infinite=True)
        if operation in DEVIATIONS:
            return self._deviation(operation, shown, column, count)
        if operation in {Operation.MEDIAN, Operation.QUANTILE}:
            return self._quantile(shown, column, asked.quantile, quantiles)
        return self._sum(operation, shown, column, value, count)

    def _sum(self, operation: Operation, shown: ChartColumn, column: SubjectColumn, value: Sql, count: int) -> Computed:
        place = self.figure((EXACT_SUM if is_exact(column) else SUM).fill(value=value))
        if operation is Operation.SHARE:
            self._whole(place, SUM)
            return Computed(shown, lambda own, whole, _: _share(own[place], whole[place]), is_share=True)
        if operation is Operation.MEAN:
            return Computed(shown, lambda own, _whole, _: _ratio(own[place], own[count]))
        return Computed(shown, lambda own, _whole, _: _number(own[place], column.kind))

    def _quantile(
        self, shown: ChartColumn, column: SubjectColumn, quantile: float | None, quantiles: Sequence[float]
    ) -> Computed:
        """All quantiles of a column are one aggregate, since each would sort the values anew."""
        asked = joined(Sql(repr(each)) for each in quantiles)
        value = self.kept.columns.add(number_of(column))
        place = self.figure(QUANTILES.fill(value=value, quantiles=asked))
        among = quantiles.index(MEDIAN if quantile is None else quantile)
        return Computed(shown, lambda own, _whole, _: own[place] and own[place][among])

    def _deviation(self, operation: Operation, shown: ChartColumn, column: SubjectColumn, count: int) -> Computed:
        value = self.kept.columns.add(value_of(column))
        sums = (EXACT_SUM if is_exact(column) else SUM).fill(value=value)
        variance = UNKNOWN if self.has_overflown else VARIANCE.fill(value=value)
        kind = column.kind if is_exact(column) else ColumnKind.NUMBER
        deviation = Deviation(value, kind, count, self.figure(sums), self.figure(variance))
        if operation is Operation.VARIANCE:
            return Computed(shown, lambda _own, _whole, spread: spread.variance, deviation)
        return Computed(shown, lambda _own, _whole, spread: spread.std, deviation)


def quantiles_of(measures: Sequence[NamedMeasure]) -> dict[str, list[float]]:
    """The quantiles that are asked of each column, rising."""
    found: dict[str, set[float]] = {}
    for each in measures:
        if each.column and each.operation in {Operation.MEDIAN, Operation.QUANTILE}:
            found.setdefault(each.column, set()).add(MEDIAN if each.quantile is None else each.quantile)
    return {column: sorted(values) for column, values in found.items()}


def _shown(asked: NamedMeasure, kind: ColumnKind) -> ChartColumn:
    return ChartColumn(name=asked.name, kind=kind, role=Role.MEASURE)


def _kind(operation: Operation, column: SubjectColumn) -> ColumnKind:
    if operation in INTEGERS:
        return ColumnKind.INTEGER
    return column.kind if operation in OF_OWN_KIND | {Operation.SUM} else ColumnKind.NUMBER


def _ratio(part: Any, whole: Any) -> float | None:
    return None if part is None or not whole else float(part) / float(whole)


def _share(part: Any, whole: Any) -> float | None:
    if part is not None and whole == 0:
        return math.nan
    share = _ratio(part, whole)
    return math.inf if share is not None and math.isnan(share) else share


def _number(value: Any, kind: ColumnKind) -> Cell:
    if value is None:
        return None
    return int(value) if kind is ColumnKind.INTEGER else float(value)
