"""Aggregates as results, and how they are drawn."""

import pytest

from analytics_pipelines.datasets.execution.grouped import title_of
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines_tests.datasets.execution.example import found


def test_groups_are_rows_by_name():
    answer = found(operation="sum", target_column="quantity", group_by=["region"])
    assert answer.result == {
        "operation": "sum",
        "columns": [
            {"name": "region", "kind": "text", "role": "group"},
            {"name": "sum_quantity", "kind": "integer", "role": "measure"},
        ],
        "rows": [
            {"region": "east", "sum_quantity": 237},
            {"region": "north", "sum_quantity": 157},
            {"region": "south", "sum_quantity": 197},
        ],
        "row_count": 3,
        "other_rows": [],
        "is_truncated": False,
    }
    assert answer.filtered_row_count == 120
    assert answer.chart_spec["title"]["text"] == "sum of quantity by region"


def test_a_single_number_stands_by_itself_and_is_not_drawn():
    answer = found(operation="count", target_column="price")
    assert (answer.result["value"], answer.nulls_dropped, answer.chart_spec) == (108, {"price": 12}, None)


def test_what_is_other_is_said():
    answer = found(operation="sum", target_column="quantity", group_by=["region"], top={"n": 1, "other": True})
    rows = answer.result["rows"]
    assert [row["sum_quantity"] for row in rows] == [237, 354]
    assert answer.result["other_rows"] == [1]


@pytest.mark.parametrize("chart", ["bar", "histogram", "box"])
def test_a_chart_that_is_asked_for_is_drawn(chart):
    assert found(operation="mean", target_column="price", group_by=["region"], chart_type=chart).chart_spec


@pytest.mark.parametrize(
    ("plan", "title"),
    [
        ({"operation": "count"}, "count"),
        ({"operation": "mean", "target_column": "price", "group_by": ["region"]}, "mean of price by region"),
        (
            {"operation": "sum", "target_column": "price", "time_column": "sold_at", "bucket": "month"},
            "sum of price by month",
        ),
        ({"operation": "quantile", "target_column": "price", "quantiles": [0.1, 0.9]}, "quantile of price"),
    ],
)
def test_titles_say_what_the_numbers_are(plan, title):
    assert title_of(Plan.model_validate(plan)) == title


def test_boxes_of_more_groups_than_are_drawn_say_so():
    answer = found(
        "SELECT number % 60 AS g, number AS x FROM range(300) AS t (number)",
        operation="median",
        target_column="x",
        group_by=["g"],
        chart_type="box",
    )
    assert answer.chart_spec["title"]["subtitle"] == ["Of 60 values of g those with most rows shown."]
