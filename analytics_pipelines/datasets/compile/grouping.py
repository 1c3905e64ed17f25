"""The statement of an aggregate: rows that pass, their groups, the figures of each, and those of all rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics_pipelines.datasets.charts.source import Role
from analytics_pipelines.datasets.compile.deviations import BY_KEYS, Deviation, careful_query
from analytics_pipelines.datasets.compile.groups import Group
from analytics_pipelines.datasets.compile.kept import NAMED, Kept
from analytics_pipelines.datasets.compile.measures import Figures, Measuring, quantiles_of
from analytics_pipelines.datasets.compile.question import Question
from analytics_pipelines.datasets.compile.top import ORDER, RANK, placed_rows, weight_of
from analytics_pipelines.datasets.plan.meaning import NamedMeasure
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.subject import Subject
from analytics_pipelines.foundation.sql import Sql, joined, name

KEPT = Sql("{kept}")
"""Stands for the rows until the whole statement is made: names of the subject's columns may hold braces."""
GROUPED = Sql("SELECT {columns} FROM (\n{rows}\n) AS rows{by_keys}")
OVER_ALL = Sql("{sum} OVER ()")
WITH_WHOLES = Sql("SELECT *, {wholes} FROM (\n{grouped}\n) AS grouped")
TOLD = Sql("SELECT * FROM (\n{found}\n) AS found{only}{order} LIMIT {most}")
IN_ORDER = Sql(" ORDER BY {order}")
ONLY_TOP = Sql(" WHERE rank <= {most}")


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group as found."""

    keys: Sequence[Any]
    is_other: bool
    own: Figures
    whole: dict[int, Any]
    """Figures of all rows, by their place."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which measures are asked by the plan's groups, and how many groups may be told."""

    plan: Plan
    subject: Subject
    measures: Sequence[NamedMeasure]
    most: int


class Grouping:
    """The plan's groups and the measures of each."""

    def __init__(self, asked: Asked, groups: Sequence[Group], *, has_overflown: bool = False) -> None:
        plan, subject, measures = asked.plan, asked.subject, asked.measures
        self.most, self.groups = asked.most, groups
        self.kept = Kept(plan, subject)
        self.keys = [self.kept.columns.add(each.value) for each in self.groups]
        self.measuring = Measuring(self.kept, subject, plan.timezone, has_overflown)
        self.row_count = self.measuring.add_row_count()
        quantiles = quantiles_of(measures)
        self.computed = [self.measuring.measure(each, quantiles) for each in measures]
        self.rows, self.top = KEPT, plan.top if plan.group_by and measures else None
        if self.top:
            among, weight = len(plan.group_by), weight_of(measures[0], self.kept, subject)
            self.rows, placed = placed_rows(KEPT, self.keys[:among], weight, self.top.n)
            self.keys = [*placed, *self.keys[among:]]

    @property
    def deviations(self) -> list[Deviation]:
        """The spreads that measures need, each once."""
        return list(dict.fromkeys(each.deviation for each in self.computed if each.deviation))

    def question(self) -> Question:
        """Of each group its keys, its figures, and figures of all rows."""
        keys = self._all_keys
        grouped = GROUPED.fill(
            columns=joined([*keys, *self.measuring.figures.sql]), rows=self.rows, by_keys=self._by_keys(keys)
        )
        return self._told(WITH_WHOLES.fill(wholes=joined(self._wholes), grouped=grouped))

    def careful_question(self) -> Question:
        """Of the same groups in the same order the keys, then four figures for each of `deviations`."""
        return self._told(careful_query(self.rows, self._all_keys, self.deviations))

    def row(self, found: Sequence[Any]) -> GroupRow:
        """One row of the answer, in its parts."""
        keys, figures = len(self._all_keys), len(self.measuring.figures.names)
        wholes = dict(zip(self.measuring.wholes, found[keys + figures :], strict=True))
        is_other = self.top is not None and found[0] > self.top.n
        return GroupRow(found[keys - len(self.keys) : keys], is_other, found[keys : keys + figures], wholes)

    @property
    def _all_keys(self) -> list[Sql]:
        return [RANK, *self.keys] if self.top else self.keys

    @property
    def _wholes(self) -> list[Sql]:
        figures = self.measuring.figures.names
        return [
            NAMED.fill(value=OVER_ALL.fill(sum=adding.fill(value=figures[place])), name=name("w" + str(place)))
            for place, adding in self.measuring.wholes.items()
        ]

    def _by_keys(self, keys: Sequence[Sql]) -> Sql:
        return BY_KEYS.fill(keys=joined(keys)) if keys else Sql("")

    def _told(self, found: Sql) -> Question:
        """One more than may be told, to know whether there are more."""
        times = [key for key, each in zip(self.keys, self.groups, strict=True) if each.column.role is Role.TIME]
        order = [ORDER.fill(key=key) for key in dict.fromkeys([*times, *self._all_keys])]
        query = TOLD.fill(
            found=found,
            only=ONLY_TOP.fill(most=Sql(str(self.top.n))) if self.top and not self.top.other else Sql(""),
            order=IN_ORDER.fill(order=joined(order)) if order else Sql(""),
            most=Sql(str(self.most + 1)),
        )
        return self.kept.question(query)
