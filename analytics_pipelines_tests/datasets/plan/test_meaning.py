"""What plans mean where they leave something unsaid."""

from typing import Any

import pytest
from hypothesis import given, settings

from analytics_pipelines.datasets.plan.meaning import (
    charts_of,
    columns_used,
    group_names,
    has_own_measure,
    horizon_of,
    measures_of,
    predictors_of,
    series_measure,
    uses_of,
)
from analytics_pipelines.datasets.plan.model import ChartType, Plan
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.datasets.plan.some_plans import plans


def plan_of(**fields: Any) -> Plan:
    return Plan.model_validate(fields)


def names(plan: Plan) -> list[str]:
    return [each.name for each in measures_of(plan)]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        pytest.param({"operation": "mean", "target_column": "a"}, ["mean_a"], id="the older spelling"),
        pytest.param({"operation": "count"}, ["count"], id="rows"),
        pytest.param({"operation": "count", "target_column": "a"}, ["count_a"], id="values"),
        pytest.param({"operation": "quantile", "target_column": "a", "quantiles": [0.25, 0.5]},
                     ["quantile_0.25_a", "quantile_0.5_a"], id="one for each quantile"),
        pytest.param({"operation": "sum", "target_column": "a", "measures": [{"operation": "count"}]},
                     ["sum_a", "count"], id="the operation comes first"),
        pytest.param({"operation": "sum", "measures": [{"operation": "count"}]}, ["count"], id="no column, no number"),
        pytest.param({"operation": "sum", "target_column": "a", "measures": [{"operation": "sum", "column": "a"}]},
                     ["sum_a"], id="said twice counts once"),
        pytest.param({"operation": "count", "group_by": ["count"]}, ["count_2"], id="a group has the name"),
        pytest.param({"measures": [{"operation": "count"}, {"operation": "sum", "column": "a", "name": "count"}]},
                     ["count_2", "count"], id="a given name is kept"),
    ],
)  # fmt: skip
def test_measures_have_names_of_their_own(fields: dict[str, Any], named: list[str]) -> None:
    assert names(plan_of(**fields)) == named


def test_a_bucket_is_the_last_group() -> None:
    assert group_names(plan_of(group_by=["a", "b"], bucket="day", time_column="at")) == ("a", "b", "at")
    assert group_names(plan_of(group_by=["a"], time_column="at")) == ("a",)


def test_an_operation_without_its_column_leaves_it_to_the_measures() -> None:
    assert has_own_measure(plan_of(operation="share"))
    assert not has_own_measure(plan_of(operation="sum"))


def test_a_bucket_of_a_forecast_is_summed_up_by_its_mean_unless_told() -> None:
    usual = series_measure(plan_of(operation="forecast", target_column="a"))
    assert (usual.operation, usual.column, usual.name) == ("mean", "a", "mean_a")
    told = series_measure(plan_of(operation="forecast", target_column="a", measures=[{"operation": "sum"}]))
    assert (told.operation, told.column) == ("sum", "a")


def test_predictors_begin_with_the_axis() -> None:
    assert predictors_of(plan_of(x_axis="a", predictors=["b", "c"])) == ("a", "b", "c")


def test_a_forecast_goes_twelve_steps_unless_told() -> None:
    assert horizon_of(plan_of(operation="forecast")) == 12
    assert horizon_of(plan_of(operation="forecast", horizon=3)) == 3


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        pytest.param({"operation": "count"}, (), id="none"),
        pytest.param({"operation": "mean", "target_column": "a", "x_axis": "z", "predictors": ["y"]}, ("a",), id="unused"),
        pytest.param({"operation": "mean", "target_column": "a", "time_column": "t", "group_by": ["b", "a"],
                      "filters": [{"column": "f", "operator": "is_null"}]}, ("f", "a", "b"), id="each once"),
        pytest.param({"measures": [{"operation": "sum", "column": "a"}], "bucket": "day", "time_column": "t"},
                     ("t", "a"), id="a bucket"),
        pytest.param({"operation": "correlation", "x_axis": "a", "y_axis": "b", "predictors": ["c"]},
                     ("a", "b"), id="correlation"),
        pytest.param({"operation": "regression", "x_axis": "a", "y_axis": "b", "predictors": ["c"]},
                     ("a", "b", "c"), id="regression"),
        pytest.param({"operation": "forecast", "time_column": "t", "target_column": "a", "group_by": ["b"]},
                     ("t", "a"), id="forecast"),
    ],
)  # fmt: skip
def test_columns_that_are_read_are_named(fields: dict[str, Any], columns: tuple[str, ...]) -> None:
    assert columns_used(plan_of(**fields)) == columns


@pytest.mark.parametrize(
    ("fields", "charts"),
    [
        ({"operation": "forecast"}, {ChartType.LINE}),
        ({"operation": "regression"}, {ChartType.SCATTER, ChartType.HEATMAP}),
        ({"operation": "count"}, {ChartType.BAR}),
        ({"operation": "mean", "target_column": "a"}, {ChartType.BAR, ChartType.HISTOGRAM, ChartType.BOX}),
        ({"operation": "count", "group_by": ["a"]}, {ChartType.BAR, ChartType.LINE, ChartType.SCATTER}),
    ],
)
def test_charts_are_those_that_can_show_the_answer(fields: dict[str, Any], charts: set[ChartType]) -> None:
    assert set(charts_of(plan_of(**fields))) == charts


@given(plan=plans())
@settings(max_examples=examples(60), deadline=None)
def test_pointers_of_uses_lead_to_the_columns_they_name(plan: Plan) -> None:
    raw = plan.model_dump(mode="json")
    for use in uses_of(plan):
        found: Any = raw
        for step in use.pointer.split("/")[1:]:
            found = found[int(step)] if isinstance(found, list) else found[step]
        assert found == use.column
    assert len({*names(plan), *group_names(plan)}) == len(names(plan)) + len(group_names(plan))
