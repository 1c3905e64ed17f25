"""Regressions: how one column follows from others, and the line where there is one."""

from dataclasses import asdict

from duckdb import DuckDBPyConnection

from analytics_pipelines.datasets.charts.source import Line, ScatterSource
from analytics_pipelines.datasets.compile.complete_rows import complete_rows
from analytics_pipelines.datasets.execution.found import Found, axes_of, chart_type_of, result_of
from analytics_pipelines.datasets.execution.points import Columns, points_of
from analytics_pipelines.datasets.plan.meaning import predictors_of
from analytics_pipelines.datasets.plan.model import ChartType, Plan
from analytics_pipelines.datasets.statistics.line import fitted_line
from analytics_pipelines.datasets.statistics.regression import Regression, regress
from analytics_pipelines.datasets.subject import Subject


def regressed(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Found:
    """The regression of `y_axis` on `x_axis` and the other predictors; raises what the statistics refuse."""
    x, target = axes_of(plan)
    predictors = predictors_of(plan)
    rows = complete_rows(cursor, plan, subject, (target, *predictors))
    given = {name: rows[name] for name in predictors}
    found = regress(rows[target], given, intercept=plan.intercept, target=target)
    chart = chart_type_of(plan, subject)
    return Found(
        result=result_of(plan, found),
        drawn=_drawn((x, target), rows, found, chart) if chart else None,
        warnings=found.warnings,
    )


def _drawn(axes: tuple[str, str], rows: Columns, found: Regression, chart: ChartType) -> ScatterSource:
    """With several predictors the points alone: a line through them would be another regression's."""
    x, target = axes
    points, of_rows = points_of({name: rows[name] for name in dict.fromkeys(axes)}, chart)
    line = fitted_line(found, rows[x])
    return ScatterSource(
        title=f"{target} against {x}",
        x_name=x,
        y_name=target,
        x=points[x],
        y=points[target],
        line=Line(**asdict(line)) if line else None,
        rows=of_rows,
        chart_type=chart,
    )
