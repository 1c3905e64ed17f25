"""Shapes of filters' values: what each operator can compare with."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from analytics_pipelines.datasets.plan.findings import Code, Finding, json_kind, pointer_of
from analytics_pipelines.datasets.plan.model import Filter, Operator, Scalar

BEYOND_NUMBERS = 2**127
"""Whole numbers end here in DuckDB."""
PAIR = 2


def findings_of_filters(filters: Sequence[Filter]) -> Iterator[Finding]:
    """What is wrong with their values whatever the columns hold."""
    for number, each in enumerate(filters):
        pointer = pointer_of("filters", number, "value")
        shape = SHAPES.get(each.operator, _one_value)(each)
        if shape is not None:
            yield Finding(pointer=pointer, code=Code.WRONG_VALUE_SHAPE, message=shape[0], hint=shape[1])
            continue
        yield from _numbers(each, pointer)
        yield from _order(each, pointer)


def values_of(each: Filter) -> list[Scalar]:
    """Its values, one or many."""
    return each.value if isinstance(each.value, list) else [each.value]


def place_of_value(each: Filter, number: int) -> tuple[int, ...]:
    """Where the value of that number stands below the filter's `value`."""
    return (number,) if isinstance(each.value, list) else ()


Shape = tuple[str, str] | None
"""What is wrong and what to do; None where nothing is."""


def _one_value(each: Filter) -> Shape:
    operator = each.operator.value
    if isinstance(each.value, list):
        return f"{operator} compares with one value, not with a list.", 'Take "in" or "between" for several.'
    if each.value is None:
        wanted = "false" if each.operator is Operator.NOT_EQUAL else "true"
        return f"{operator} compares with a value, and null is none.", f'Take "is_null" with value {wanted} for nulls.'
    return None


def _many(each: Filter) -> Shape:
    if not isinstance(each.value, list) or not each.value:
        return "in compares with a list of values.", 'Like ["north", "south"].'
    return _without_null(each.value)


def _two(each: Filter) -> Shape:
    if not isinstance(each.value, list) or len(each.value) != PAIR:
        return "between compares with a list of two values, the least and the most.", "Like [10, 20]; both pass."
    return _without_null(each.value)


def _without_null(values: Sequence[Scalar]) -> Shape:
    return ("Null is not a value.", 'Take "is_null" for nulls.') if None in values else None


def _null(each: Filter) -> Shape:
    if each.value is None or isinstance(each.value, bool):
        return None
    return "is_null asks with true or false, not with " + json_kind(each.value) + ".", "True unless given."


def _part(each: Filter) -> Shape:
    return None if isinstance(each.value, str) else ("contains looks for a text.", 'Like "north".')


SHAPES: Mapping[Operator, Callable[[Filter], Shape]] = {
    Operator.IN: _many,
    Operator.BETWEEN: _two,
    Operator.IS_NULL: _null,
    Operator.CONTAINS: _part,
}


def _numbers(each: Filter, pointer: str) -> Iterator[Finding]:
    for number, value in enumerate(values_of(each)):
        place = pointer + pointer_of(*place_of_value(each, number))
        if isinstance(value, float) and not math.isfinite(value):
            hint = "Take is_null for missing values."
            yield Finding(pointer=place, code=Code.NOT_FINITE, message="The number is not finite.", hint=hint)
        elif isinstance(value, int) and not -BEYOND_NUMBERS <= value < BEYOND_NUMBERS:
            message = "The number is too large for any column."
            yield Finding(pointer=place, code=Code.OUT_OF_RANGE, message=message, hint="It must be below 2^127.")


def _order(each: Filter, pointer: str) -> Iterator[Finding]:
    if each.operator is not Operator.BETWEEN:
        return
    least, most = values_of(each)
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        yield reversed_range(pointer)


def reversed_range(pointer: str) -> Finding:
    """That nothing lies between the two ends."""
    message = "Nothing lies between the two: the first is more than the second."
    return Finding(pointer=pointer, code=Code.REVERSED_RANGE, message=message, hint="Exchange them.")
