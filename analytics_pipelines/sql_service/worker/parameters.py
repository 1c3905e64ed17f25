"""What placeholders stand for: JSON's scalars and lists of them, by position or by name."""

from typing import Any

from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.messages import Parameters

MOST_PARAMETERS = 1000
DEEPEST = 4
WIDTHS = (31, 63)
"""Whole numbers within so many bits are of a type of their own."""

Shape = Any
"""Hashable; two values of the same shape are of the same type in SQL."""


def checked_parameters(parameters: Parameters | None) -> Parameters | None:
    """The same, or None without any; raises `DuckDBQueryError` for too many and for values that SQL has no type for."""
    if not parameters:
        return None
    if len(parameters) > MOST_PARAMETERS:
        raise DuckDBQueryError("The query has too many parameters.", limit=str(MOST_PARAMETERS))
    for value in parameters.values() if isinstance(parameters, dict) else parameters:
        _check(value, DEEPEST)
    return parameters


def shape_of(parameters: Parameters | None) -> Shape:
    """What the types of the answer can depend on."""
    if isinstance(parameters, dict):
        return tuple((name, _shape(value)) for name, value in sorted(parameters.items()))
    return _shape(parameters)


def _check(value: object, depth: int) -> None:
    if isinstance(value, list) and depth:
        for each in value:
            _check(each, depth - 1)
    elif value is not None and not isinstance(value, bool | int | float | str):
        raise DuckDBQueryError(
            "A parameter is neither a text, a number, a boolean, null nor a list of them.",
            remedy="Send dates and times as ISO texts and cast them in SQL: CAST($1 AS DATE).",
        )


def _shape(value: object) -> Shape:
    if isinstance(value, list):
        return ("list", *dict.fromkeys(_shape(each) for each in value))
    if isinstance(value, bool) or not isinstance(value, int):
        return type(value).__name__
    return next((width for width in WIDTHS if -(1 << width) <= value < (1 << width)), "huge")
