"""The chart that is taken when a plan leaves the choice to us."""

import pytest

from analytics_pipelines.datasets.charts.suited import suited
from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.plan.meaning import charts_of
from analytics_pipelines.datasets.plan.model import Plan

KINDS = {
    "price": ColumnKind.NUMBER, "region": ColumnKind.TEXT, "year": ColumnKind.INTEGER, "day": ColumnKind.DATE,
}  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "chart"),
    [
        ({"operation": "forecast", "time_column": "day", "target_column": "price"}, "line"),
        ({"operation": "regression", "x_axis": "year", "y_axis": "price"}, "scatter"),
        ({"operation": "correlation", "x_axis": "year", "y_axis": "price"}, "scatter"),
        ({"operation": "mean", "target_column": "price", "time_column": "day", "bucket": "month"}, "line"),
        ({"operation": "mean", "target_column": "price", "group_by": ["day", "region"]}, "line"),
        ({"operation": "mean", "target_column": "price", "group_by": ["region"]}, "bar"),
        ({"operation": "mean", "target_column": "price", "group_by": ["region", "year"]}, "heatmap"),
        ({"operation": "mean", "target_column": "price"}, "bar"),
        ({"operation": "count"}, "bar"),
        ({"operation": "median", "target_column": "price"}, "histogram"),
        ({"operation": "std", "target_column": "price", "group_by": ["region"]}, "box"),
        ({"operation": "std", "target_column": "price", "group_by": ["region", "year"]}, "heatmap"),
        ({"measures": [{"operation": "mean", "column": "price"}], "group_by": ["region"]}, "bar"),
    ],
)
def test_the_chart_suits_the_plan_and_is_one_that_fits_it(plan, chart):
    parsed = Plan.model_validate(plan)
    assert suited(parsed, KINDS) == chart
    assert chart in charts_of(parsed)
