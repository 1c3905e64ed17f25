"""One spelling, one hash."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.datasets.plan.canonical import canonical, normal, plan_hash
from analytics_pipelines.datasets.plan.meaning import columns_used, measures_of
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.plan.parse import parse_plan
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.datasets.plan.some_plans import plans

MEAN = {"operation": "mean", "target_column": "a"}
A_FILTER = {"column": "a", "operator": ">", "value": 1}
A_CHOICE = {"column": "b", "operator": "in", "value": ["x", "y"]}


def plan_of(raw: dict[str, Any]) -> Plan:
    plan, findings = parse_plan(raw)
    assert plan is not None, findings
    return plan


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(MEAN, {"measures": [{"operation": "mean", "column": "a"}]}, id="the older spelling"),
        pytest.param(MEAN, dict(reversed(MEAN.items())), id="order of keys"),
        pytest.param(MEAN, MEAN | {"filters": [], "timezone": "UTC", "intercept": True, "bucket": None}, id="defaults"),
        pytest.param(MEAN, MEAN | {"horizon": 3, "method": "kendall", "x_axis": "z"}, id="what is not used"),
        pytest.param(MEAN, MEAN | {"chart_type": "auto"}, id="whatever chart suits"),
        pytest.param(MEAN, MEAN | {"measures": [{"operation": "mean", "column": "a"}]}, id="said twice"),
        pytest.param(MEAN | {"filters": [A_FILTER, A_CHOICE]}, MEAN | {"filters": [A_CHOICE, A_FILTER, A_FILTER]},
                     id="order of filters"),
        pytest.param(MEAN | {"filters": [A_FILTER]}, MEAN | {"filters": [A_FILTER | {"value": 1.0}]}, id="1 and 1.0"),
        pytest.param(MEAN | {"filters": [A_CHOICE]}, MEAN | {"filters": [A_CHOICE | {"value": ["y", "x", "y"]}]},
                     id="order of a choice"),
        pytest.param(MEAN | {"filters": [{"column": "b", "operator": "is_null"}]},
                     MEAN | {"filters": [{"column": "b", "operator": "is_null", "value": True}]}, id="is_null"),
        pytest.param({"operation": "forecast", "time_column": "t", "target_column": "a", "bucket": "day"},
                     {"operation": "forecast", "time_column": "t", "target_column": "a", "bucket": "day", "horizon": 12,
                      "measures": [{"operation": "mean", "column": "a"}]}, id="a usual forecast"),
        pytest.param({"operation": "quantile", "target_column": "a", "quantiles": [0.5]},
                     {"measures": [{"operation": "quantile", "column": "a", "quantile": 0.5}]}, id="quantiles"),
    ],
)  # fmt: skip
def test_plans_of_one_meaning_have_one_hash(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert canonical(plan_of(one)) == canonical(plan_of(other))
    assert plan_hash(plan_of(one)) == plan_hash(plan_of(other))


@pytest.mark.parametrize(
    "other",
    [
        {"operation": "median"}, {"target_column": "b"}, {"filters": [A_FILTER]}, {"group_by": ["b"]}, {"chart_type": "bar"},
        {"timezone": "Europe/Berlin"}, {"bucket": "day", "time_column": "t"}, {"measures": [{"operation": "count"}]},
        {"group_by": ["b"], "top": {"n": 3}}, {"measures": [{"operation": "mean", "column": "a", "name": "m"}]},
    ],
    ids=" ".join,
)  # fmt: skip
def test_another_meaning_is_another_hash(other: dict[str, Any]) -> None:
    assert plan_hash(plan_of(MEAN | other)) != plan_hash(plan_of(MEAN))


def test_false_is_not_zero_and_a_truth_no_number() -> None:
    hashes = {
        plan_hash(plan_of(MEAN | {"filters": [A_FILTER | {"operator": "==", "value": value}]}))
        for value in (0, False, "0", 1, True, "1", 2**53 + 1, 2.0**53)
    }
    assert len(hashes) == 8


def test_the_hash_stays_what_it_was() -> None:
    plan = plan_of(MEAN | {"filters": [A_FILTER], "group_by": ["Größe"]})
    assert canonical(plan).decode() == (
        '{"filters":[{"column":"a","operator":">","value":1}],"group_by":["Größe"],'
        '"measures":[{"column":"a","name":"mean_a","operation":"mean"}]}'
    )
    assert plan_hash(plan) == "501e678a115b8226dc0752e5f49aa59acc96827699fb9ca471fadf046654dd0c"


@given(plan=plans())
@settings(max_examples=examples(120), deadline=None)
def test_the_canonical_form_is_a_plan_of_the_same_meaning(plan: Plan) -> None:
    again = plan_of(json.loads(canonical(plan)))
    assert canonical(again) == canonical(plan)
    assert set(columns_used(again)) == set(columns_used(plan))
    if plan.operation is None or plan.operation.is_aggregate:
        assert measures_of(again) == measures_of(plan)


@given(plan=plans(), seed=st.randoms())
@settings(max_examples=examples(60), deadline=None)
def test_order_of_keys_makes_no_difference(plan: Plan, seed: Any) -> None:
    fields = list(plan.model_dump(mode="json").items())
    seed.shuffle(fields)
    assert canonical(plan_of(dict(fields))) == canonical(plan)


def test_what_is_left_unsaid_is_not_written() -> None:
    assert normal(plan_of({"operation": "count"})) == {"measures": [{"operation": "count", "name": "count"}]}
