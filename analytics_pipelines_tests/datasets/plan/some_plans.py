"""Plans of every sort, and JSON that nearly is one, as Hypothesis makes them."""

from typing import Any

from hypothesis import strategies as st

from analytics_pipelines.datasets.plan.model import ChartType, Method, Operator, Plan
from analytics_pipelines.datasets.plan.parse import parse_plan

NAMES = ["a", "b", "c", "day", "at", "Größe", "x/y", 'quoted "name"', "count", "mean_a"]
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=5) | st.just("2026-01-31")
)
NUMBERS = ["mean", "sum", "min", "max", "std", "variance", "median", "count_distinct"]


def any_json() -> st.SearchStrategy[Any]:
    """Anything that JSON can say, with the names of plans' fields among its keys."""
    keys = st.sampled_from(list(Plan.model_fields)) | st.text(max_size=4)
    leaves = VALUES | st.sampled_from([*NUMBERS, "forecast", "correlation", "month", "in", "bar"])
    values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | _objects(keys, inner), max_leaves=12)
    filters = st.fixed_dictionaries({"column": leaves, "operator": leaves, "value": values})
    return values | st.dictionaries(keys, values | st.lists(filters, max_size=2), max_size=6)


def _objects(keys: st.SearchStrategy[str], inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(keys | st.sampled_from(["column", "operator", "value", "n", "name"]), inner, max_size=4)


def names() -> st.SearchStrategy[str]:
    """Names of columns, few, so that they meet."""
    return st.sampled_from(NAMES)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan that nothing is wrong with."""
    raw = draw(st.one_of(_aggregates(), _axes(), _forecasts())) | draw(_around())
    plan, findings = parse_plan(raw)
    assert plan is not None, findings
    return plan


def _around() -> st.SearchStrategy[dict[str, Any]]:
    one = st.builds(
        _filter, names(), st.sampled_from(list(Operator)), st.integers(-5, 5) | st.floats(-5, 5) | st.text()
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "filters": st.lists(one, max_size=3),
            "timezone": st.sampled_from(["UTC", "Europe/Berlin"]),
            "chart_type": st.sampled_from([ChartType.AUTO.value, None]),
        },
    )


def _filter(column: str, operator: Operator, value: Any) -> dict[str, Any]:
    text = str(value).replace("\0", "")
    shaped = {"in": [text, 1, text], "between": [1, 2.0], "is_null": None, "contains": text}
    return {"column": column, "operator": operator.value, "value": shaped.get(operator.value, 3.0)}


def _aggregates() -> st.SearchStrategy[dict[str, Any]]:
    measure = st.fixed_dictionaries({"operation": st.sampled_from(NUMBERS), "column": names()})
    return st.fixed_dictionaries(
        {"operation": st.sampled_from([*NUMBERS, "count", "share"]), "target_column": names()},
        optional={
            "measures": st.lists(measure, max_size=3),
            "group_by": st.lists(st.sampled_from([each for each in NAMES if each != "at"]), max_size=3, unique=True),
            "bucket": st.sampled_from(["day", "month"]),
            "time_column": st.just("at"),
            "horizon": st.integers(1, 5),
            "top": st.fixed_dictionaries({"n": st.integers(1, 9)}, optional={"other": st.booleans()}),
        },
    ).map(_with_what_is_needed)


def _with_what_is_needed(raw: dict[str, Any]) -> dict[str, Any]:
    needed = {"time_column": "at"} if "bucket" in raw else {}
    return raw | needed | ({"group_by": raw.get("group_by") or ["b"]} if "top" in raw else {})


def _axes() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"operation": st.sampled_from(["correlation", "regression"]), "x_axis": st.just("a"), "y_axis": st.just("b")},
        optional={
            "predictors": st.lists(st.sampled_from(["c", "count"]), max_size=2, unique=True),
            "intercept": st.booleans(),
            "method": st.sampled_from([each.value for each in Method]),
        },
    )


def _forecasts() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"operation": st.just("forecast"), "time_column": st.just("at"), "target_column": st.just("a")},
        optional={
            "horizon": st.integers(1, 24),
            "season_length": st.integers(1, 12),
            "bucket": st.sampled_from(["day", "month"]),
            "measures": st.lists(st.just({"operation": "sum"}), max_size=1),
        },
    )
