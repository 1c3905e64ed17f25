"""Correlations: how strongly two columns go together, and their points."""

from duckdb import DuckDBPyConnection

from analytics_pipelines.datasets.charts.source import ScatterSource
from analytics_pipelines.datasets.compile.complete_rows import complete_rows
from analytics_pipelines.datasets.execution.found import Found, axes_of, chart_type_of, result_of
from analytics_pipelines.datasets.execution.points import Columns, points_of
from analytics_pipelines.datasets.plan.model import ChartType, Plan
from analytics_pipelines.datasets.statistics.correlation import correlate
from analytics_pipelines.datasets.subject import Subject


def correlated(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Found:
    """The correlation of `x_axis` and `y_axis`; raises what the statistics refuse."""
    x, y = axes_of(plan)
    rows = complete_rows(cursor, plan, subject, (x, y))
    found = correlate(rows[x], rows[y], plan.method, names=(x, y))
    chart = chart_type_of(plan, subject)
    return Found(
        result=result_of(plan, found) | {"x_axis": x, "y_axis": y},
        drawn=_drawn(plan, rows, chart) if chart else None,
        warnings=found.warnings,
    )


def _drawn(plan: Plan, rows: Columns, chart: ChartType) -> ScatterSource:
    x, y = axes_of(plan)
    points, of_rows = points_of(rows, chart)
    return ScatterSource(
        title=f"{y} against {x}", x_name=x, y_name=y, x=points[x], y=points[y], rows=of_rows, chart_type=chart
    )
