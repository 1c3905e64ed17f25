"""Shapes of filters' values."""

from typing import Any

import pytest

from analytics_pipelines.datasets.plan.filters import findings_of_filters, place_of_value, values_of
from analytics_pipelines.datasets.plan.model import Filter


def made(operator: str, value: Any) -> Filter:
    return Filter.model_validate({"column": "a", "operator": operator, "value": value})


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("==", 0), ("==", ""), ("==", False), ("!=", 1.5), (">", -1), ("<", "2026-01-31"), (">=", 2**127 - 1),
        ("<=", -(2**127)), ("in", [1]), ("in", [1, 1, "a", True]), ("between", [1, 1]), ("between", ["b", "a"]),
        ("is_null", None), ("is_null", True), ("is_null", False), ("contains", ""), ("contains", "%"),
    ],
)  # fmt: skip
def test_a_value_of_the_operators_shape_is_no_finding(operator: str, value: Any) -> None:
    assert list(findings_of_filters([made(operator, value)])) == []


def test_findings_name_the_filter_and_the_value() -> None:
    filters = [made("==", 1), made("in", [1.0, float("nan")]), made("between", [float("inf"), 2**127])]
    assert [(each.pointer, each.code.value) for each in findings_of_filters(filters)] == [
        ("/filters/1/value/1", "not_finite"),
        ("/filters/2/value/0", "not_finite"),
        ("/filters/2/value/1", "out_of_range"),
        ("/filters/2/value", "reversed_range"),
    ]


def test_one_value_and_many_are_read_alike() -> None:
    assert values_of(made("==", 1)) == [1]
    assert values_of(made("in", [1, 2])) == [1, 2]
    assert place_of_value(made("==", 1), 0) == ()
    assert place_of_value(made("in", [1, 2]), 1) == (1,)
