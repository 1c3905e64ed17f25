"""What one kind of plan found, before it becomes an answer."""

from dataclasses import asdict, dataclass
from typing import Any

from analytics_pipelines.datasets.charts.source import ChartSource
from analytics_pipelines.datasets.charts.suited import suited
from analytics_pipelines.datasets.compile.counts import Counted
from analytics_pipelines.datasets.plan.meaning import group_names
from analytics_pipelines.datasets.plan.model import ChartType, Plan
from analytics_pipelines.datasets.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The result as an object of JSON, what its chart is drawn from, and what has to be said."""

    result: dict[str, Any]
    drawn: ChartSource | None = None
    warnings: tuple[str, ...] = ()
    counted: Counted | None = None
    """Rows and nulls, where they came along."""


def result_of(plan: Plan, found: Any) -> dict[str, Any]:
    """A dataclass of the statistics as the result, without its warnings, which are told for the whole answer."""
    told: dict[str, Any] = asdict(found)
    told.pop("warnings", None)
    return {"operation": plan.operation, **told}


def chart_type_of(plan: Plan, subject: Subject) -> ChartType | None:
    """How the answer is to be drawn: as asked for, else as it suits; None of a single number."""
    if plan.chart_type not in {None, ChartType.AUTO}:
        return plan.chart_type
    chart = suited(plan, {column.name: column.kind for column in subject.columns})
    return None if chart is ChartType.BAR and not group_names(plan) else chart


def axes_of(plan: Plan) -> tuple[str, str]:
    """The columns of both axes, which a checked correlation or regression has."""
    return str(plan.x_axis), str(plan.y_axis)
