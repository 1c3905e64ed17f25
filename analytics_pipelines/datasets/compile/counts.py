"""How many rows pass the filters, and how many of them lack a value that is computed with."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection

from analytics_pipelines.datasets.compile.columns import column_of, value_of
from analytics_pipelines.datasets.compile.kept import Kept
from analytics_pipelines.datasets.plan.meaning import measures_of, predictors_of
from analytics_pipelines.datasets.plan.model import Operation, Plan
from analytics_pipelines.datasets.subject import Subject
from analytics_pipelines.foundation.sql import Sql, joined

COUNTED = Sql("SELECT {counts} FROM (\n{kept}\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Rows that pass, and by column how many of them have a null, a NaN or an infinite time there."""

    filtered_row_count: int
    dropped: dict[str, int] = field(default_factory=dict)


def counted(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Counted:
    """Counts by one look at the rows; an aggregate brings its own along. Raises `UnknownColumn` and `Unreadable`."""
    kept = Kept(plan, subject)
    columns = computed_columns(plan)
    values = [kept.columns.add(value_of(column_of(subject, each))) for each in columns]
    counts = joined([Sql("COUNT(*)"), *(Sql("COUNT({value})").fill(value=value) for value in values)])
    rows, *present = kept.question(COUNTED, counts=counts).row(cursor)
    return Counted(
        filtered_row_count=rows,
        dropped={column: rows - count for column, count in zip(columns, present, strict=True)},
    )


def computed_columns(plan: Plan) -> tuple[str, ...]:
    """The columns whose missing values are left out; of groups a missing value is a value like others."""
    return tuple(dict.fromkeys(each for each in _computed(plan) if each is not None))


def _computed(plan: Plan) -> Iterable[str | None]:
    if plan.operation is Operation.FORECAST:
        return (plan.time_column, plan.target_column)
    if plan.operation is Operation.CORRELATION:
        return (plan.x_axis, plan.y_axis)
    if plan.operation is Operation.REGRESSION:
        return (*predictors_of(plan), plan.y_axis)
    return (each.column for each in measures_of(plan))
