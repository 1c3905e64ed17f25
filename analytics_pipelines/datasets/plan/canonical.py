"""One spelling for all plans that mean the same, and its hash."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from analytics_pipelines.datasets.plan.filters import values_of
from analytics_pipelines.datasets.plan.meaning import (
    NamedMeasure,
    charts_of,
    horizon_of,
    measures_of,
    predictors_of,
    series_measure,
)
from analytics_pipelines.datasets.plan.model import Filter, Operation, Operator, Plan, Scalar

Json = dict[str, object]
MOST_EXACT = 2**53
"""Up to here every whole number is a float of its own."""


def canonical(plan: Plan) -> bytes:
    """The plan as JSON, the same for all that mean the same: a plan itself, whose canonical form is itself.

    Order of keys and of filters, defaults, unused fields and the older spelling of a measure make no difference; the
    order of groups, measures and predictors does, since that is the order of the result. Takes a plan that
    `parse_plan` found nothing wrong with.
    """
    return _json(normal(plan)).encode()


def plan_hash(plan: Plan) -> str:
    """SHA-256 of the canonical form, in hexadecimal digits."""
    return hashlib.sha256(canonical(plan)).hexdigest()


def normal(plan: Plan) -> Json:
    """The fields that the canonical form has, by name; what is absent, empty or usual is left out."""
    given: Json = {
        "filters": _sorted(_filter(each) for each in plan.filters),
        "chart_type": plan.chart_type if plan.chart_type in charts_of(plan) else None,
        "timezone": None if plan.timezone == "UTC" else plan.timezone,
        **_computed(plan),
    }
    return {name: value for name, value in given.items() if value is not None and value != []}


def _computed(plan: Plan) -> Json:
    if plan.operation is Operation.CORRELATION:
        return {**_axes(plan), "method": plan.method}
    if plan.operation is Operation.REGRESSION:
        return {**_axes(plan), "predictors": list(predictors_of(plan)[1:]), "intercept": plan.intercept}
    if plan.operation is Operation.FORECAST:
        return {
            "operation": plan.operation,
            "target_column": plan.target_column,
            "time_column": plan.time_column,
            "horizon": horizon_of(plan),
            "season_length": plan.season_length,
            "bucket": plan.bucket,
            "measures": _measures([series_measure(plan)] if plan.bucket else []),
        }
    return {
        "measures": _measures(measures_of(plan)),
        "group_by": list(plan.group_by),
        "time_column": plan.time_column if plan.bucket else None,
        "bucket": plan.bucket,
        "top": plan.top.model_dump() if plan.top else None,
    }


def _axes(plan: Plan) -> Json:
    return {"operation": plan.operation, "x_axis": plan.x_axis, "y_axis": plan.y_axis}


def _measures(measures: Iterable[NamedMeasure]) -> list[Json]:
    return [
        {
            "operation": each.operation,
            "name": each.name,
            **({} if each.column is None else {"column": each.column}),
            **({} if each.quantile is None else {"quantile": each.quantile}),
        }
        for each in measures
    ]


def _filter(each: Filter) -> Json:
    values: list[Scalar] = [_value(value) for value in values_of(each)]
    if each.operator is Operator.IS_NULL:
        return {"column": each.column, "operator": each.operator, "value": values[0] is not False}
    if each.operator is Operator.IN:
        return {"column": each.column, "operator": each.operator, "value": _sorted(values)}
    value = values if isinstance(each.value, list) else values[0]
    return {"column": each.column, "operator": each.operator, "value": value}


def _sorted(values: Iterable[Any]) -> list[Any]:
    """The values in the order of their JSON, each once."""
    return [value for _, value in sorted({_json(value): value for value in values}.items())]


def _value(value: Scalar) -> Scalar:
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) <= MOST_EXACT
    return int(value) if is_whole and value is not None else value


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
