"""Words that are known become a question, all others an error that names them and what is allowed."""

from typing import Any

import pytest

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.web_events.ask.errors import (
    BadFilter,
    BadOrder,
    QueryTooLarge,
    UnknownDimension,
    UnknownMetric,
    UnknownOperator,
)
from analytics_pipelines.web_events.ask.parse import MOST_CLAUSE_CHARACTERS, MOST_CLAUSES, Asked, question_of
from analytics_pipelines.web_events.ask.question import Every, Leaf, Negated, Order, Some

PAGE = ["is", "event:page", ["/a"]]


def asked(**given: Any) -> Asked:
    return Asked(**{"site_id": "s", "metrics": ["visitors"], "date_range": "7d"} | given)


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        pytest.param(PAGE, Leaf("is", "event:page", ("/a",)), id="a condition"),
        pytest.param([*PAGE, {"case_sensitive": False}], Leaf("is", "event:page", ("/a",), True), id="any case"),
        pytest.param([*PAGE, {"case_sensitive": True}], Leaf("is", "event:page", ("/a",)), id="its own case"),
        pytest.param(["not", PAGE], Negated(Leaf("is", "event:page", ("/a",))), id="not"),
        pytest.param(
            ["and", [PAGE, ["or", [PAGE]]]],
            Every((Leaf("is", "event:page", ("/a",)), Some((Leaf("is", "event:page", ("/a",)),)))),
            id="and, or",
        ),
    ],
)
def test_a_filter_becomes_a_tree(given: Any, understood: Any) -> None:
    assert question_of(asked(filters=[given])).filters == (understood,)


def test_an_order_names_a_metric_or_a_dimension_of_the_query() -> None:
    found = question_of(asked(dimensions=["visit:os"], order_by=[["visit:os", "asc"], ["visitors", "desc"]]))
    assert found.order_by == (Order("visit:os", False), Order("visitors", True))


@pytest.mark.parametrize(
    ("given", "error", "named"),
    [
        pytest.param({"metrics": ["visitor"]}, UnknownMetric, "`visitor`", id="metric"),
        pytest.param({"metrics": []}, UnknownMetric, "at least one", id="no metric"),
        pytest.param({"metrics": ["visits", "visits"]}, UnknownMetric, "once", id="a metric twice"),
        pytest.param({"dimensions": ["event:color"]}, UnknownDimension, "`event:color`", id="dimension"),
        pytest.param({"dimensions": ["time", "time"]}, UnknownDimension, "once", id="a dimension twice"),
        pytest.param(
            {
                "dimensions": [
                    "time:day",
                    *(f"visit:{each}" for each in ("os", "browser", "device", "source", "channel")),
                    "time:hour",
                ]
            },
            QueryTooLarge,
            "dimensions",
            id="many dimensions",
        ),
        pytest.param({"filters": [["has", "event:page", ["/"]]]}, UnknownOperator, "`has`", id="operator"),
        pytest.param({"filters": [["has_done", PAGE]]}, UnknownOperator, "`has_done`", id="an operator of goals"),
        pytest.param({"filters": [["is", "time:day", ["2026-01-01"]]]}, UnknownDimension, "`time:day`", id="by time"),
        pytest.param({"filters": [["is", 'event:page"', ["/"]]]}, UnknownDimension, "event:page", id="a quote"),
        pytest.param({"filters": ["is"]}, BadFilter, "no filter", id="a word"),
        pytest.param({"filters": [[]]}, BadFilter, "no filter", id="nothing"),
        pytest.param({"filters": [["is", "event:page", []]]}, BadFilter, "no filter", id="no clause"),
        pytest.param({"filters": [["is", "event:page", "/a"]]}, BadFilter, "no filter", id="clauses as text"),
        pytest.param({"filters": [["is", "event:page", [1]]]}, BadFilter, "`1`", id="a number"),
        pytest.param({"filters": [["is", "event:page", ["\ud800"]]]}, BadFilter, "not", id="half a character"),
        pytest.param({"filters": [["is", {"a": 1}, ["b"]]]}, BadFilter, "no filter", id="an object"),
        pytest.param({"filters": [[["is"], "event:page", ["b"]]]}, UnknownOperator, "is", id="an operator in a list"),
        pytest.param({"filters": [["and", []]]}, BadFilter, "no filter", id="and of nothing"),
        pytest.param({"filters": [["and", PAGE, PAGE]]}, BadFilter, "no filter", id="and of two"),
        pytest.param({"filters": [["not"]]}, BadFilter, "no filter", id="not of nothing"),
        pytest.param({"filters": [[*PAGE, {"case": 1}]]}, BadFilter, "modifier", id="a modifier"),
        pytest.param({"filters": [[*PAGE, {"case_sensitive": "no"}]]}, BadFilter, "modifier", id="a modifier's value"),
        pytest.param(
            {"filters": [["matches", "event:page", ["a"], {"case_sensitive": False}]]},
            BadFilter,
            "modifier",
            id="pattern",
        ),
        pytest.param(
            {"filters": [["is", "event:page", ["a"] * (MOST_CLAUSES + 1)]]}, QueryTooLarge, "clauses", id="many clauses"
        ),
        pytest.param(
            {"filters": [["is", "event:page", ["a" * (MOST_CLAUSE_CHARACTERS + 1)]]]},
            QueryTooLarge,
            "long",
            id="a long one",
        ),
        pytest.param({"order_by": [["visits", "asc"]]}, BadOrder, "visits", id="order by what is not asked"),
        pytest.param({"order_by": [["visitors", "up"]]}, BadOrder, "up", id="a direction"),
        pytest.param({"order_by": ["visitors"]}, BadOrder, "visitors", id="an order without direction"),
    ],
)
def test_what_is_not_understood_is_named(given: dict[str, Any], error: type[AnalyticsError], named: str) -> None:
    with pytest.raises(error) as raised:
        question_of(asked(**given))
    assert named in raised.value.detail
    assert raised.value.remedy or raised.value.limit


def test_filters_nested_without_end_are_refused() -> None:
    deep: Any = PAGE
    for _ in range(1000):
        deep = ["not", deep]
    with pytest.raises(QueryTooLarge):
        question_of(asked(filters=[deep]))
