"""Rules between the fields of a plan."""

from typing import Any

import pytest

from analytics_pipelines.datasets.plan.canonical import canonical
from analytics_pipelines.datasets.plan.parse import parse_plan
from analytics_pipelines_tests.datasets.plan.malformed import UNSUITED, Malformed


@pytest.mark.parametrize(
    ("raw", "pointers"),
    [
        pytest.param({"horizon": 3}, ["/horizon"], id="a horizon of a mean"),
        pytest.param({"x_axis": "a", "y_axis": "b"}, ["/x_axis", "/y_axis"], id="axes of a mean"),
        pytest.param({"time_column": "day"}, ["/time_column"], id="time without a bucket"),
        pytest.param({"time_column": "day", "bucket": "week"}, [], id="time of a bucket"),
        pytest.param({"quantiles": [0.5]}, ["/quantiles"], id="quantiles of a mean"),
        pytest.param({"method": "pearson", "horizon": None, "filters": []}, [], id="what is usual is not told"),
        pytest.param({"operation": "median", "target_column": None, "measures": [{"operation": "count"}]},
                     ["/operation"], id="an operation without column beside measures"),
        pytest.param({"operation": None, "measures": [{"operation": "count"}]}, ["/target_column"],
                     id="a column without operation"),
        pytest.param({"operation": "forecast", "time_column": "t", "group_by": ["a"]}, ["/group_by"],
                     id="groups of a forecast"),
        pytest.param({"operation": "forecast", "time_column": "t", "measures": [{"operation": "sum"}]}, ["/measures"],
                     id="a measure of a forecast without bucket"),
        pytest.param({"measures": [{"operation": "sum", "column": "b", "quantile": 0.5}]}, ["/measures/0/quantile"],
                     id="a quantile of a sum"),
    ],
)  # fmt: skip
def test_a_field_without_use_is_a_warning(raw: dict[str, Any], pointers: list[str]) -> None:
    plan, findings = parse_plan({"operation": "mean", "target_column": "a"} | raw)
    assert plan is not None
    assert [(each.pointer, each.code.value, each.is_warning) for each in findings] == [
        (pointer, "unused_field", True) for pointer in pointers
    ]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"chart_type": "auto"}, id="whatever suits"),
        pytest.param({"chart_type": "bar"}, id="a bar of one number"),
        pytest.param({"chart_type": "line", "bucket": "day", "time_column": "day"}, id="a line over days"),
        pytest.param({"chart_type": "heatmap", "group_by": ["b"], "bucket": "day", "time_column": "day"}, id="heatmap"),
        pytest.param({"chart_type": "box", "group_by": ["b"]}, id="boxes side by side"),
        pytest.param({"chart_type": "histogram", "group_by": ["b", "c"]}, id="a histogram of all rows"),
        pytest.param({"chart_type": "scatter", "group_by": ["b"]}, id="points"),
        pytest.param({"operation": "count", "target_column": None}, id="rows are counted without a column"),
        pytest.param({"operation": "share", "target_column": None, "group_by": ["b"]}, id="shares of rows"),
        pytest.param(
            {"operation": None, "target_column": None, "measures": [{"operation": "count"}]}, id="no operation"
        ),
        pytest.param({"operation": "quantile", "quantiles": [0.25, 0.75]}, id="quantiles"),
        pytest.param({"measures": [{"operation": "quantile", "column": "b", "quantile": 0.9}]}, id="a quantile"),
        pytest.param({"measures": [{"operation": "mean", "column": "a"}]}, id="the same number twice"),
        pytest.param({"timezone": "Asia/Kathmandu"}, id="a zone"),
        pytest.param({"top": {"n": 3, "other": False}, "group_by": ["b"]}, id="top"),
    ],
)
def test_what_goes_together_is_no_finding(raw: dict[str, Any]) -> None:
    plan, findings = parse_plan({"operation": "mean", "target_column": "a"} | raw)
    assert findings == ()
    assert plan is not None


def test_a_box_chart_of_two_groups_is_warned_of() -> None:
    raw = {"operation": "mean", "target_column": "a", "group_by": ["b", "c"], "chart_type": "box"}
    (finding,) = parse_plan(raw).findings
    assert (finding.pointer, finding.code, finding.is_warning) == ("/chart_type", "unsuited_chart", True)
    assert finding.hint == 'Take "bar", "line", "scatter", "heatmap", "histogram" or "auto".'


@pytest.mark.parametrize("case", UNSUITED, ids=lambda case: case.why)
def test_a_chart_that_can_not_show_the_answer_keeps_no_plan_from_running(case: Malformed) -> None:
    plan, (finding,) = parse_plan(case.plan)
    assert plan is not None
    assert (finding.pointer, finding.code, finding.is_warning) == (case.pointer, case.code, True)
    assert case.said in str(finding)
    assert canonical(plan) == canonical(plan.model_copy(update={"chart_type": None}))
