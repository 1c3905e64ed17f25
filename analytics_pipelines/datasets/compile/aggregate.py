"""Numbers by group, and what has to be said about them."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
from duckdb import DuckDBPyConnection

from analytics_pipelines.datasets.charts.source import Cell, ChartColumn, Role
from analytics_pipelines.datasets.compile.counts import Counted
from analytics_pipelines.datasets.compile.deviations import Deviation, Spread, careful_spread, quick_spread
from analytics_pipelines.datasets.compile.grouping import Asked, Grouping, GroupRow
from analytics_pipelines.datasets.compile.groups import groups_of
from analytics_pipelines.datasets.compile.measures import Computed
from analytics_pipelines.datasets.plan.meaning import NamedMeasure, measures_of
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.subject import Subject

MOST_ROWS = 10_000
"""Groups that one answer tells."""
OTHER = "other"
MOST_INTEGER = 2**63 - 1
NOT_FINITE = "is not finite, and null in the answer: the values are infinite or too great"
ROUNDED = "lies beyond 64 bits and is rounded"
OF_NOTHING = "is null: the values of all groups add up to zero, of which nothing is a part"
NO_PART = "is below 0 or above 1, since some values are negative: it is no part of a whole"
MOST_PART = 1.0 + 1e-9
"""A little over one, for what sums of floats are rounded by."""
FIGURES_EACH = 4
"""What the second pass gives for each spread."""

Spreads = dict[Deviation, Spread]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """Groups, one row each: first the columns they are grouped by, then the measures.

    By time, then by rank if there is a `top`, then by group, nulls last. Moments are told with the offset of the plan's
    zone. What is not finite is None (an infinite least or greatest value stays), and `warnings` say so.
    """

    columns: tuple[ChartColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    other: tuple[int, ...] = ()
    """Numbers of the rows that stand for all groups besides the top ones."""
    is_truncated: bool = False
    """Whether there are more groups than `rows` tell."""
    counted: Counted
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Telling:
    """Warnings in the making: how many groups have a measure of which something must be said."""

    groups: Counter[tuple[str, str]] = field(default_factory=Counter)

    def cell(self, value: Cell, computed: Computed) -> Cell:
        """The number as JSON can hold it; an infinite extreme stays as it is."""
        name = computed.column.name
        if computed.is_share and isinstance(value, float):
            return self._share(value, name)
        if isinstance(value, float) and not math.isfinite(value):
            self.groups[name, NOT_FINITE] += 1
            return value if computed.may_be_infinite else None
        if isinstance(value, int) and abs(value) > MOST_INTEGER:
            self.groups[name, ROUNDED] += 1
            return float(value)
        return value

    def _share(self, value: float, name: str) -> float | None:
        if not 0.0 <= value <= MOST_PART:
            what = OF_NOTHING if math.isnan(value) else NOT_FINITE if math.isinf(value) else NO_PART
            self.groups[name, what] += 1
        return value if math.isfinite(value) else None

    def warnings(self) -> tuple[str, ...]:
        """A sentence for each measure and what is said of it."""
        return tuple(
            repr(name) + " " + what + " (" + str(count) + (" group)." if count == 1 else " groups).")
            for (name, what), count in self.groups.items()
        )


def aggregate(
    cursor: DuckDBPyConnection,
    plan: Plan,
    subject: Subject,
    *,
    measures: Sequence[NamedMeasure] | None = None,
    most: int = MOST_ROWS,
) -> Aggregate:
    """The plan's measures (or those given) by its groups, at most `most` of them.

    Raises `UnknownColumn` and `Unreadable`, which are findings of `check_against`.
    """
    asked = Asked(plan, subject, measures_of(plan) if measures is None else measures, most)
    grouping, found = _found(cursor, asked)
    told, telling = found[:most], Telling()
    spreads = _spreads(cursor, grouping, told)
    rows = [_row(grouping, row, of_row, telling) for row, of_row in zip(told, spreads, strict=True)]
    return Aggregate(
        columns=(*(each.column for each in grouping.groups), *(each.column for each in grouping.computed)),
        rows=tuple(rows),
        other=tuple(number for number, each in enumerate(told) if each.is_other),
        is_truncated=len(found) > most,
        counted=_counted(grouping, found),
        warnings=telling.warnings(),
    )


def _found(cursor: DuckDBPyConnection, asked: Asked) -> tuple[Grouping, list[GroupRow]]:
    """The groups; where one square overflows, with every spread left to the second pass."""
    groups = groups_of(cursor, asked.plan, asked.subject)
    grouping = Grouping(asked, groups)
    try:
        found = grouping.question().tuples(cursor)
    except duckdb.OutOfRangeException:
        if not grouping.deviations:
            raise
        grouping = Grouping(asked, groups, has_overflown=True)
        found = grouping.question().tuples(cursor)
    return grouping, [grouping.row(each) for each in found]


def _row(grouping: Grouping, row: GroupRow, spreads: Spreads, telling: Telling) -> tuple[Cell, ...]:
    keys = [
        OTHER if row.is_other and each.column.role is Role.GROUP else each.told(key)
        for each, key in zip(grouping.groups, row.keys, strict=True)
    ]
    return (*keys, *(telling.cell(_number(each, row, spreads), each) for each in grouping.computed))


def _number(computed: Computed, row: GroupRow, spreads: Spreads) -> Cell:
    return computed.number(row.own, row.whole, spreads[computed.deviation] if computed.deviation else Spread())


def _spreads(cursor: DuckDBPyConnection, grouping: Grouping, rows: Sequence[GroupRow]) -> list[Spreads]:
    """The spreads that each row needs, by a second pass where one of them needs it."""
    deviations = grouping.deviations
    quick = [[quick_spread(each, row.own) for each in deviations] for row in rows]
    if all(spread is not None for of_row in quick for spread in of_row):
        return [_by_deviation(deviations, of_row) for of_row in quick]
    answers = grouping.careful_question().tuples(cursor)[: len(rows)]
    careful = [_careful(each[-FIGURES_EACH * len(deviations) :]) for each in answers]
    return [
        _by_deviation(deviations, [first or second for first, second in zip(*both, strict=True)])
        for both in zip(quick, careful, strict=True)
    ]


def _by_deviation(deviations: Sequence[Deviation], spreads: Sequence[Spread | None]) -> Spreads:
    return {each: spread or Spread() for each, spread in zip(deviations, spreads, strict=True)}


def _careful(figures: Sequence[float]) -> list[Spread]:
    starts = range(0, len(figures), FIGURES_EACH)
    return [careful_spread(*figures[start : start + FIGURES_EACH]) for start in starts]  # type: ignore[arg-type]  # the first is a count


def _counted(grouping: Grouping, found: Sequence[GroupRow]) -> Counted:
    """Of all rows that pass, told or not."""
    if not found:
        return Counted(filtered_row_count=0, dropped=dict.fromkeys(grouping.measuring.counts, 0))
    whole = found[0].whole
    rows = int(whole[grouping.row_count])
    dropped = {column: rows - int(whole[place]) for column, place in grouping.measuring.counts.items()}
    return Counted(filtered_row_count=rows, dropped=dropped)
