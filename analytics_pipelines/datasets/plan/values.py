"""Values of filters as the column they are compared with holds them."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.plan.findings import shown
from analytics_pipelines.datasets.plan.model import Scalar
from analytics_pipelines.datasets.subject import SubjectColumn
from analytics_pipelines.foundation.errors import BadInput

Readable = bool | int | float | date | datetime | str
WHOLE = re.compile(r"[+-]?[0-9]{1,38}")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
TRUTHS = {"true": True, "false": False}
HELD = {
    ColumnKind.INTEGER: "whole numbers",
    ColumnKind.NUMBER: "numbers",
    ColumnKind.BOOLEAN: "booleans",
    ColumnKind.DATE: "days",
    ColumnKind.TIMESTAMP: "times",
    ColumnKind.TEXT: "text",
    ColumnKind.OTHER: "what can not be compared",
}
"""What a column is said to hold."""
DATES = "Write it like 2026-01-31."
TIMES = "Write it like 2026-01-31T12:30:00."
NUMBERS = "Give a number."
MOST_DIGITS_OF_NUMBERS = 400


class Unreadable(BadInput):
    """A filter's value that no value of its column can equal; `remedy` says how to write it."""


def read_value(value: Scalar, column: SubjectColumn, timezone: str) -> Readable:
    """What to compare the column with: of its own type, times with a zone in UTC.

    Times without an offset are local in `timezone` where the column has a zone. A text that reads as a number, a
    boolean or a time is one to columns of such. Raises `Unreadable`.
    """
    return READERS[column.kind](value, column, timezone)


def has_zone(column: SubjectColumn) -> bool:
    """Whether its values are moments, the same everywhere, and no readings of some clock."""
    return column.type == "TIMESTAMP WITH TIME ZONE"


def _number(value: Scalar, column: SubjectColumn, _timezone: str) -> Readable:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    written = value.strip() if isinstance(value, str) and len(value) <= MOST_DIGITS_OF_NUMBERS else ""
    if WHOLE.fullmatch(written):
        return int(written)
    if NUMBER.fullmatch(written) and math.isfinite(number := float(written)):
        return number
    raise _unreadable(value, "number", column, NUMBERS)


def _truth(value: Scalar, column: SubjectColumn, _timezone: str) -> Readable:
    found = value if isinstance(value, bool) else TRUTHS.get(str(value).strip().lower())
    if found is None or not isinstance(value, bool | str):
        raise _unreadable(value, "boolean", column, "Give true or false.")
    return found


def _date(value: Scalar, column: SubjectColumn, _timezone: str) -> Readable:
    moment = _iso(value)
    if moment is None or moment.time() != time() or moment.tzinfo is not None:
        raise _unreadable(value, "date", column, DATES)
    return moment.date()


def _time(value: Scalar, column: SubjectColumn, timezone: str) -> Readable:
    moment = _iso(value)
    if moment is None:
        raise _unreadable(value, "time", column, TIMES)
    if has_zone(column):
        return _in_utc(value, moment, column, timezone)
    if moment.tzinfo is not None:
        raise _unreadable(value, "time without an offset", column, "The column has no time zone: leave the offset out.")
    return moment


def _text(value: Scalar, column: SubjectColumn, _timezone: str) -> Readable:
    if not isinstance(value, str):
        raise _unreadable(value, "text", column, "Write it in quotes as the data has it.")
    return value


def _nothing(_value: Scalar, column: SubjectColumn, _timezone: str) -> Readable:
    raise Unreadable(
        "Values of column " + shown(column.name) + " can not be compared: they are " + column.type[:100] + ".",
        remedy="Only `is_null` can be asked of it.",
    )


def _iso(value: Scalar) -> datetime | None:
    try:
        return datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None


def _in_utc(value: Scalar, moment: datetime, column: SubjectColumn, timezone: str) -> datetime:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
    except OverflowError as error:
        raise _unreadable(value, "time of the years 1 to 9999", column, TIMES) from error


def _unreadable(value: Scalar, wanted: str, column: SubjectColumn, remedy: str) -> Unreadable:
    held = "Column " + shown(column.name) + " holds " + HELD[column.kind] + ", and "
    return Unreadable(held + shown(value) + " is no " + wanted + ".", remedy=remedy)


READERS: Mapping[ColumnKind, Callable[[Scalar, SubjectColumn, str], Readable]] = {
    ColumnKind.INTEGER: _number,
    ColumnKind.NUMBER: _number,
    ColumnKind.BOOLEAN: _truth,
    ColumnKind.DATE: _date,
    ColumnKind.TIMESTAMP: _time,
    ColumnKind.TEXT: _text,
    ColumnKind.OTHER: _nothing,
}
