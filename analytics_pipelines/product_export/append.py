"""Tables that only grow: which of their rows belong to a day."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.sql import Sql, literal, name
from analytics_pipelines.product_export.plan import TablePlan

DAYS_KEPT_AS = "date, timestamp with time zone, or timestamp without time zone (taken as UTC)"


class UnsuitableDayColumn(BadInput):
    """The column does not say on which day a row belongs."""


def in_day(plan: TablePlan, day: date) -> Sql:
    """PostgreSQL: whether a row's `day_column` lies in that UTC day; an index on the column can be used.

    Rows without a day, and those of infinity, are in none. Raises `UnsuitableDayColumn`.
    """
    wanted = plan.wish.day_column or ""
    kinds = {column.name: column.type_name for column in plan.source.columns}
    written = _WRITTEN.get(kinds.get(wanted, ""))
    if written is None:
        told = "is " + kinds[wanted] if wanted in kinds else "does not exist"
        raise UnsuitableDayColumn(
            f"day_column {wanted!r} of {plan.wish.source_name} {told}.", remedy="It must be " + DAYS_KEPT_AS + "."
        )
    between = Sql("({column} >= {first} AND {column} < {after})")
    return between.fill(column=name(wanted), first=written(day), after=written(day + timedelta(days=1)))


def _date(day: date) -> Sql:
    return Sql("{day}::date").fill(day=literal(day.isoformat()))


def _moment(day: date) -> Sql:
    return Sql("{midnight}::timestamptz").fill(midnight=literal(day.isoformat() + " 00:00:00+00"))


def _local(day: date) -> Sql:
    return Sql("{midnight}::timestamp").fill(midnight=literal(day.isoformat() + " 00:00:00"))


_WRITTEN: Mapping[str, Callable[[date], Sql]] = {"date": _date, "timestamptz": _moment, "timestamp": _local}
