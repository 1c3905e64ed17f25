"""Aggregates: numbers of groups of rows, and how they are drawn."""

from typing import Any

from duckdb import DuckDBPyConnection

from analytics_pipelines.datasets.charts.source import BoxSource, ChartSource, GroupsSource, HistogramSource
from analytics_pipelines.datasets.compile.aggregate import Aggregate, aggregate
from analytics_pipelines.datasets.compile.spread import MOST_BOXES, MOST_OUTLIERS, boxes, histogram
from analytics_pipelines.datasets.execution.found import Found, chart_type_of
from analytics_pipelines.datasets.plan.meaning import group_names, measures_of
from analytics_pipelines.datasets.plan.model import ChartType, Plan
from analytics_pipelines.datasets.subject import Subject


def grouped(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Found:
    """The plan's measures for each group, in the order of the groups."""
    found = aggregate(cursor, plan, subject)
    chart = chart_type_of(plan, subject)
    return Found(
        result=_result(plan, found),
        drawn=_drawn(cursor, plan, subject, found, chart) if chart else None,
        warnings=found.warnings,
        counted=found.counted,
    )


def _result(plan: Plan, found: Aggregate) -> dict[str, Any]:
    names = [column.name for column in found.columns]
    rows = [dict(zip(names, row, strict=True)) for row in found.rows]
    measures = measures_of(plan)
    result: dict[str, Any] = {
        "operation": measures[0].operation if len(measures) == 1 else None,
        "columns": [{"name": each.name, "kind": each.kind, "role": each.role} for each in found.columns],
        "rows": rows,
        "row_count": len(rows),
        "other_rows": list(found.other),
        "is_truncated": found.is_truncated,
    }
    if len(names) == 1 and len(rows) == 1:
        result["value"] = rows[0][names[0]]
    return result


def _drawn(cursor: DuckDBPyConnection, plan: Plan, subject: Subject, found: Aggregate, chart: ChartType) -> ChartSource:
    """Histograms and boxes show the values of the first measure's column, all others the measures."""
    shown = measures_of(plan)[0].column or ""
    if chart is ChartType.HISTOGRAM:
        return HistogramSource(title=shown, value_name=shown, bins=histogram(cursor, plan, subject))
    if chart is ChartType.BOX:
        groups = group_names(plan)
        group = groups[0] if groups else None
        drawn = boxes(cursor, plan, subject)
        is_full = len(drawn) == MOST_BOXES and not plan.top
        return BoxSource(
            title=shown + (" by " + group if group else ""),
            value_name=shown,
            boxes=drawn,
            group_name=group,
            group_count=len({row[0] for row in found.rows}) if is_full else None,
            most_outliers=MOST_OUTLIERS // 2,
            timezone=plan.timezone,
        )
    return GroupsSource(
        title=title_of(plan),
        columns=found.columns,
        rows=found.rows,
        other=found.other,
        chart_type=chart,
        timezone=plan.timezone,
    )


def title_of(plan: Plan) -> str:
    """What the numbers are: `mean of price, sum of price by region, month`."""
    said = [
        each.operation.value.replace("_", " ") + (f" of {each.column}" if each.column else "")
        for each in measures_of(plan)
    ]
    groups = list(plan.group_by)
    if plan.bucket:
        groups.append(plan.bucket.value)
    return ", ".join(dict.fromkeys(said)) + (" by " + ", ".join(groups) if groups else "")
