"""Filters as conditions: a null, a NaN and an infinite time pass `is_null` and nothing else, `!=` neither."""

from analytics_pipelines.datasets.compile.columns import (
    AS_DOUBLE,
    AS_TEXT,
    WIDE,
    column_of,
    is_exact,
    plain_value,
    presence,
    value_of,
)
from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.plan.model import Filter, Operator, Plan, Scalar
from analytics_pipelines.datasets.plan.values import read_value
from analytics_pipelines.datasets.subject import Subject, SubjectColumn
from analytics_pipelines.foundation.bound import Bound, every
from analytics_pipelines.foundation.sql import Sql, joined

COMPARISONS = {
    Operator.EQUAL: Sql("{column} = {value}"),
    Operator.NOT_EQUAL: Sql("{column} <> {value}"),
    Operator.GREATER: Sql("{column} > {value}"),
    Operator.LESS: Sql("{column} < {value}"),
    Operator.AT_LEAST: Sql("{column} >= {value}"),
    Operator.AT_MOST: Sql("{column} <= {value}"),
}
PASSED_BY_NAN = {Operator.NOT_EQUAL, Operator.GREATER, Operator.AT_LEAST}
"""NaN and infinity are greater than all else for DuckDB."""
BEYOND_INTEGERS = 2**100
"""Stands for every greater number where integers of at most 64 bits are compared."""


def conditions(plan: Plan, subject: Subject, bound: Bound) -> Sql:
    """Whether a row passes all filters; raises `UnknownColumn` and `Unreadable`."""
    return every(_condition(each, column_of(subject, each.column), plan.timezone, bound) for each in plan.filters)


def _condition(asked: Filter, column: SubjectColumn, timezone: str, bound: Bound) -> Sql:
    if asked.operator is Operator.IS_NULL:
        test = "{column} IS NOT NULL" if asked.value is False else "{column} IS NULL"
        return Sql(test).fill(column=value_of(column))
    if asked.operator is Operator.CONTAINS:
        text = AS_TEXT.fill(value=plain_value(column))
        return Sql("CONTAINS({text}, {part})").fill(text=text, part=bound.bind(str(asked.value)))
    values = asked.value if isinstance(asked.value, list) else [asked.value]
    parts = [_bound(each, column, timezone, bound) for each in values if each is not None]
    return _compared(asked.operator, column, parts)


def _compared(operator: Operator, column: SubjectColumn, parts: list[Sql]) -> Sql:
    value = _comparable(column)
    if operator is Operator.BETWEEN:
        return Sql("{column} BETWEEN {low} AND {high}").fill(column=value, low=parts[0], high=parts[1])
    if operator is Operator.IN:
        return Sql("{column} IN ({values})").fill(column=value, values=joined(parts or [Sql("NULL")]))
    compared = COMPARISONS[operator].fill(column=value, value=parts[0])
    is_present = presence(column) if operator in PASSED_BY_NAN else None
    return every([compared, is_present]) if is_present else compared


def _comparable(column: SubjectColumn) -> Sql:
    """Decimals are compared as DOUBLE: a number of another scale may not fit their type."""
    value = plain_value(column)
    is_decimal = column.kind is ColumnKind.NUMBER and is_exact(column)
    return AS_DOUBLE.fill(value=value) if is_decimal else value


def _bound(value: Scalar, column: SubjectColumn, timezone: str, bound: Bound) -> Sql:
    read = read_value(value, column, timezone)
    if isinstance(read, bool) or not isinstance(read, int | float):
        return bound.bind(read)
    if column.kind is ColumnKind.NUMBER or column.type in WIDE:
        return bound.bind(float(read))
    whole = int(read) if isinstance(read, int) or read.is_integer() else None
    return bound.bind(read if whole is None else max(-BEYOND_INTEGERS, min(whole, BEYOND_INTEGERS)))
