"""Plans against the columns of their data."""

import time
from typing import Any

import pytest
from hypothesis import given, settings

from analytics_pipelines.datasets.plan.check import check_against
from analytics_pipelines.datasets.plan.findings import Finding
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.plan.parse import parse_plan
from analytics_pipelines.datasets.subject import Subject
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.datasets.plan.malformed import Malformed, forecast, mean, measured, regression, where
from analytics_pipelines_tests.datasets.plan.sales import OVER_SALES, SALES, column, subject
from analytics_pipelines_tests.datasets.plan.some_plans import NAMES, plans

WIDE = subject(
    *(column(f"{kind}_of_region_{number}", "DOUBLE") for kind in ("price", "cost") for number in range(1000))
)
MOST_S = 0.005


def checked(raw: dict[str, Any], over: Subject = SALES, *, sees_personal: bool = False) -> tuple[Finding, ...]:
    plan, findings = parse_plan(raw)
    assert plan is not None, findings
    return check_against(plan, over, sees_personal=sees_personal)


@pytest.mark.parametrize("case", OVER_SALES, ids=lambda case: case.why)
def test_a_plan_that_does_not_fit_the_data_is_told_where_and_how(case: Malformed) -> None:
    first = checked(case.plan)[0]
    assert (first.pointer, first.code.value, first.is_warning) == (case.pointer, case.code, False)
    assert case.said in first.message + " " + first.hint


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(mean(), id="mean"),
        pytest.param(mean(group_by=["region", "is_paid", "day"], bucket="hour", time_column="sold_at"), id="groups"),
        pytest.param(mean(operation="max", target_column="day"), id="latest day"),
        pytest.param(mean(operation="min", target_column="city"), id="first city"),
        pytest.param(mean(operation="count", target_column="tags"), id="count of lists"),
        pytest.param(mean(operation="count_distinct", target_column="email"), id="persons are counted"),
        pytest.param(mean(operation="count", chart_type="box"), id="boxes of what is counted"),
        pytest.param(where("is_null", False, "email"), id="persons that are known"),
        pytest.param(where("is_null", None, "tags"), id="lists that are not"),
        pytest.param(where("between", ["2026-01-01", "2026-01-01"], "paid_at"), id="between the same"),
        pytest.param(where("between", ["b", "a"], "city"), id="texts are left to the data"),
        pytest.param(where("in", ["north", "south"], "region"), id="in"),
        pytest.param(where("contains", "ü", "city"), id="contains"),
        pytest.param(regression(predictors=["cost"]), id="regression"),
        pytest.param(forecast(horizon=3), id="forecast"),
        pytest.param(
            forecast(bucket="day", target_column="city", measures=[{"operation": "count"}]), id="a number a day"
        ),
        pytest.param(mean(bucket="day", time_column="day"), id="days of days"),
    ],
)
def test_a_plan_that_fits_is_no_finding(raw: dict[str, Any]) -> None:
    assert checked(raw) == ()


def test_who_sees_personal_columns_may_compute_with_them() -> None:
    raw = mean(target_column="salary", group_by=["email"], filters=[{"column": "salary", "operator": ">", "value": 1}])
    assert {each.code.value for each in checked(raw)} == {"personal_column"}
    assert checked(raw, sees_personal=True) == ()


def test_every_place_that_names_an_unknown_column_is_told() -> None:
    raw = measured(
        {"operation": "sum", "column": "b"}, group_by=["a"], filters=[{"column": "a", "operator": "is_null"}]
    )
    found = [(each.pointer, each.code.value) for each in checked(raw)]
    places = ["/filters/0/column", "/group_by/0", "/measures/0/column"]
    assert found == [(place, "unknown_column") for place in places]


def test_nothing_is_known_of_an_empty_table() -> None:
    assert [each.code.value for each in checked({"operation": "count"}, subject(rows=None))] == []


@given(plan=plans())
@settings(max_examples=examples(200), deadline=None)
def test_any_plan_can_be_checked_against_any_columns(plan: Plan) -> None:
    types = ["BIGINT", "VARCHAR", "DATE", "TIMESTAMP WITH TIME ZONE", "BLOB"]
    over = subject(*(column(name, types[place % 5], is_personal=place == 6) for place, name in enumerate(NAMES[:8])))
    for finding in check_against(plan, over, sees_personal=False):
        assert finding.message
        assert finding.pointer.startswith("/")


@pytest.mark.long
@pytest.mark.parametrize(
    "raw",
    [
        mean(target_column="price_of_region_7", group_by=["cost_of_region_3"], timezone="Europe/Berlin"),
        mean(target_column="prise_of_region_7"),
        measured(*({"operation": "sum", "column": f"cost_of_region_{number}"} for number in range(20))),
    ],
    ids=["right", "misspelt", "twenty measures"],
)
def test_validation_over_2000_columns_takes_under_5_ms(raw: dict[str, Any]) -> None:
    assert len(WIDE.columns) == 2000
    took_s = []
    for _ in range(9):
        began = time.process_time()
        checked(raw, WIDE)
        took_s.append(time.process_time() - began)
    assert min(took_s) < MOST_S
