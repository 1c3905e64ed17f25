"""What rows are grouped by: columns, and spans of local time; and how a group's value is told."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from duckdb import DuckDBPyConnection

from analytics_pipelines.datasets.charts.source import Cell, ChartColumn, Role
from analytics_pipelines.datasets.compile.columns import MOMENT, column_of, plain_value, value_of
from analytics_pipelines.datasets.compile.local_times import offset_of
from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.plan.model import Bucket, Plan
from analytics_pipelines.datasets.subject import VIEW, Subject, SubjectColumn
from analytics_pipelines.foundation.sql import Sql, name

EXTREMES = Sql("SELECT EPOCH_US(MIN({value})), EPOCH_US(MAX({value})) FROM {view}")
MICROSECONDS = Sql("EPOCH_US({value})")
IN_UTC = Sql("MAKE_TIMESTAMP(EPOCH_US({value}))")
"""A moment as DuckDB's Python gives it without asking for a time zone database of its own."""
LOCAL = Sql("MAKE_TIMESTAMP({us} + {offset})")
SPAN = Sql("DATE_TRUNC('{bucket}', {local})")
AS_DATE = Sql("CAST({span} AS DATE)")
BACK_IN_UTC = Sql("MAKE_TIMESTAMP(EPOCH_US({span}) - {offset})")
SHORTER_THAN_A_DAY = {Bucket.MINUTE, Bucket.HOUR}


@dataclass(frozen=True, slots=True)
class Group:
    """One thing that rows are grouped by: its expression over the subject, and how its values are told."""

    column: ChartColumn
    value: Sql
    told: Callable[[Any], Cell]


def groups_of(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> tuple[Group, ...]:
    """The plan's groups, that of the bucket last; raises `UnknownColumn`."""
    found = [_by_column(column_of(subject, each), plan.timezone) for each in plan.group_by]
    if plan.bucket and plan.time_column:
        found.append(_by_span(cursor, column_of(subject, plan.time_column), plan.bucket, ZoneInfo(plan.timezone)))
    return tuple(found)


def readable(column: SubjectColumn, value: Sql) -> Sql:
    """The value in a type that Python has."""
    return IN_UTC.fill(value=value) if column.type == MOMENT else value


def teller(column: SubjectColumn, zone_name: str) -> Callable[[Any], Cell]:
    """How values of the column are told: moments in the zone, decimals as numbers."""
    zone = ZoneInfo(zone_name)
    return (lambda value: _moment(value, zone)) if column.type == MOMENT else told


def told(value: Any) -> Cell:
    """A value of DuckDB's as JSON can hold it; what has no such form as text."""
    if value is None or isinstance(value, bool | int | float | str | date):
        return value
    return float(value) if isinstance(value, Decimal) else str(value)


def _moment(value: Any, zone: ZoneInfo) -> Cell:
    """With an offset and no zone: Python takes the two hours for equal that a zone has when clocks go back."""
    if not isinstance(value, datetime):
        return told(value)
    local = value.replace(tzinfo=UTC).astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()))


def _by_column(column: SubjectColumn, zone_name: str) -> Group:
    shown = ChartColumn(name=column.name, kind=column.kind, role=Role.GROUP)
    tell = _number if column.kind is ColumnKind.NUMBER else teller(column, zone_name)
    return Group(shown, readable(column, value_of(column)), tell)


def _number(value: Any) -> Cell:
    """An infinite one by name, since JSON would make it null, which is a group of its own."""
    found = told(value)
    if isinstance(found, float) and math.isinf(found):
        return "Infinity" if found > 0 else "-Infinity"
    return found


def _by_span(cursor: DuckDBPyConnection, column: SubjectColumn, bucket: Bucket, zone: ZoneInfo) -> Group:
    """Days and longer are told as days, in local time; hours and minutes of moments as moments.

    An hour that comes twice when clocks go back is two spans.
    """
    value, offset = value_of(column), Sql("0")
    if column.type == MOMENT:
        offset = _offset(cursor, column, zone)
    local = LOCAL.fill(us=MICROSECONDS.fill(value=value), offset=offset) if column.type == MOMENT else value
    span = SPAN.fill(bucket=Sql(bucket.value), local=local)
    kind = ColumnKind.TIMESTAMP if bucket in SHORTER_THAN_A_DAY else ColumnKind.DATE
    shown = ChartColumn(name=column.name, kind=kind, role=Role.TIME)
    if kind is ColumnKind.DATE:
        return Group(shown, AS_DATE.fill(span=local if bucket is Bucket.DAY else span), told)
    if column.type == MOMENT:
        return Group(shown, BACK_IN_UTC.fill(span=span, offset=offset), teller(column, zone.key))
    return Group(shown, span, told)


def _offset(cursor: DuckDBPyConnection, column: SubjectColumn, zone: ZoneInfo) -> Sql:
    """The zone's offset at each moment of the subject."""
    if zone.key == "UTC":
        return Sql("0")
    ends = cursor.execute(EXTREMES.fill(value=value_of(column), view=name(VIEW)).text).fetchone()
    if ends is None or ends[0] is None:
        return Sql("0")
    return offset_of(plain_value(column), zone, int(ends[0]), int(ends[1]))
