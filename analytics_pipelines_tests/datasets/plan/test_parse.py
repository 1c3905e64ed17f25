"""From JSON to a plan, or to what is wrong with it."""

import math
from typing import Any

import pytest
from hypothesis import given, settings

from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.plan.parse import parse_plan
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.datasets.plan.malformed import SHAPES, Malformed
from analytics_pipelines_tests.datasets.plan.sales import OVER_SALES
from analytics_pipelines_tests.datasets.plan.some_plans import any_json, plans

AS_IT_WAS = [
    {"operation": "mean", "target_column": "price"},
    {
        "operation": "sum",
        "target_column": "price",
        "filters": [{"column": "region", "operator": "==", "value": "north"}],
    },
    {"operation": "count", "group_by": ["region"], "chart_type": "bar"},
    {"operation": "min", "target_column": "price", "filters": None, "group_by": None, "chart_type": None},
    {
        "operation": "max",
        "target_column": "price",
        "x_axis": None,
        "y_axis": None,
        "time_column": None,
        "horizon": None,
    },
    {"operation": "std", "target_column": "price", "group_by": ["a", "b"], "chart_type": "heatmap"},
    {"operation": "correlation", "x_axis": "a", "y_axis": "b", "chart_type": "scatter"},
    {
        "operation": "regression",
        "x_axis": "a",
        "y_axis": "b",
        "filters": [{"column": "a", "operator": ">=", "value": 1}],
    },
    {"operation": "forecast", "time_column": "day", "target_column": "a", "horizon": 10, "chart_type": "line"},
]


@pytest.mark.parametrize("raw", AS_IT_WAS, ids=lambda raw: raw["operation"])
def test_plans_of_the_older_system_are_plans_still(raw: dict[str, Any]) -> None:
    plan, findings = parse_plan(raw)
    assert (findings, plan) == ((), Plan.model_validate(raw))


@pytest.mark.parametrize("case", SHAPES, ids=lambda case: case.why)
def test_a_malformed_plan_is_told_where_and_how(case: Malformed) -> None:
    plan, findings = parse_plan(case.plan)
    first = findings[0]
    assert (first.pointer, first.code.value, first.is_warning) == (case.pointer, case.code, False)
    assert case.said in first.message + " " + first.hint
    assert plan is None


def test_there_are_a_hundred_malformed_plans() -> None:
    assert len(SHAPES) + len(OVER_SALES) >= 100
    assert len({case.why for case in SHAPES + OVER_SALES}) == len(SHAPES + OVER_SALES)


@given(raw=any_json())
@settings(max_examples=examples(200), deadline=None)
def test_whatever_is_sent_becomes_findings_or_a_plan(raw: Any) -> None:
    plan, findings = parse_plan(raw)
    assert (plan is None) == any(not each.is_warning for each in findings)
    assert all(each.message and str(each).isprintable() for each in findings)


@given(plan=plans())
@settings(max_examples=examples(200), deadline=None)
def test_a_plan_written_as_json_is_the_same_plan(plan: Plan) -> None:
    again, findings = parse_plan(plan.model_dump(mode="json"))
    assert again == plan
    assert all(each.is_warning for each in findings)


def test_a_number_that_is_none_never_reaches_a_plan() -> None:
    for value in (math.nan, math.inf, -math.inf):
        for field in ("horizon", "season_length", "quantiles", "target_column"):
            assert parse_plan({"operation": "mean", "target_column": "a", field: value}).plan is None
