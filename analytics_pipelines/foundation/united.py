"""Days of one table whose columns differ, read as one table: columns united by name, each of a type that holds all.

Engines unite by name too, but by types of their own choosing: DuckDB takes BIGINT and DOUBLE for DOUBLE, which changes
numbers above 2^53. Here every column has a type that keeps every value, text if need be.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from analytics_pipelines.foundation.sql import Sql, joined, literals, name
from analytics_pipelines.foundation.tables import MOST_DIGITS, Column, ColumnType, Decimal, Table, Type

Schema = tuple[tuple[str, str], ...]
"""Names and types of a file's columns, in order, as a manifest has them."""
DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
DIGITS = {Type.INT32: Decimal(10, 0), Type.INT: Decimal(19, 0)}
"""As how many digits whole numbers count beside decimals."""
WIDER = {
    frozenset({Type.INT32, Type.INT}): Type.INT,
    frozenset({Type.INT32, Type.DOUBLE}): Type.DOUBLE,
    frozenset({Type.FLOAT, Type.DOUBLE}): Type.DOUBLE,
    frozenset({Type.DATE, Type.LOCAL_TIMESTAMP}): Type.LOCAL_TIMESTAMP,
}
"""Pairs of which one type holds every value; others meet in text."""
NOT_ANY_MORE = "Not a column of the newest day"

CAST = Sql("CAST({column} AS {type}) AS {column}")
MISSING = Sql("CAST(NULL AS {type}) AS {column}")
PART = Sql("SELECT {columns} FROM read_parquet({files}, hive_partitioning = false)")


def type_of(text: str) -> ColumnType:
    """The type that a manifest names; raises `ValueError` for one that tables do not have."""
    found = DECIMAL.fullmatch(text)
    return Decimal(int(found[1]), int(found[2])) if found else Type(text)


def common_type(kinds: Iterable[ColumnType]) -> ColumnType:
    """A type that holds every value of all of them exactly; at least one is needed."""
    first, *others = dict.fromkeys(kinds)
    for other in others:
        first = _wider(first, other)
    return first


def united_table(table: Table, schemas: Sequence[Schema]) -> Table:
    """The table with the columns of all these days, oldest first: the newest day's, then those that are gone.

    Names that differ only in case are one column, as they are for engines. Without days the table is as declared.
    """
    declared = {column.name.lower(): column for column in table.columns}
    kinds: dict[str, list[ColumnType]] = {}
    spelt: dict[str, str] = {}
    for schema in reversed(schemas):
        for column, kind in schema:
            spelt.setdefault(column.lower(), column)
            kinds.setdefault(column.lower(), []).append(type_of(kind))
    columns = tuple(
        _united(declared.get(key), spelt[key], found, has_all=len(found) == len(schemas))
        for key, found in kinds.items()
    )
    return replace(table, columns=columns, key=_key(table, columns)) if columns else table


def united_rows(columns: Sequence[tuple[str, str]], parts: Sequence[tuple[str, Schema]]) -> Sql:
    """DuckDB: a SELECT of these columns, with their types, over files and what each of them holds; at least one.

    Files of one schema are read together. What a file lacks is null.
    """
    by_schema: dict[Schema, list[str]] = {}
    for file, schema in parts:
        by_schema.setdefault(schema, []).append(file)
    return joined((_part(columns, schema, files) for schema, files in by_schema.items()), " UNION ALL ")


def _part(columns: Sequence[tuple[str, str]], schema: Schema, files: Sequence[str]) -> Sql:
    held = {column.lower(): kind for column, kind in schema}
    read = joined(_read(column, kind, held.get(column.lower())) for column, kind in columns)
    return PART.fill(columns=read, files=literals(files))


def _read(column: str, kind: str, held: str | None) -> Sql:
    if held == kind:
        return name(column)
    return (MISSING if held is None else CAST).fill(column=name(column), type=Sql(kind))


def _wider(one: ColumnType, other: ColumnType) -> ColumnType:
    if one == other:
        return one
    if isinstance(one, Type) and isinstance(other, Type):
        return WIDER.get(frozenset({one, other}), Type.TEXT)
    first, second = _digits(one), _digits(other)
    if first is None or second is None:
        return Type.TEXT
    scale = max(first.scale, second.scale)
    precision = max(first.precision - first.scale, second.precision - second.scale) + scale
    return Decimal(precision, scale) if precision <= MOST_DIGITS else Type.TEXT


def _digits(kind: ColumnType) -> Decimal | None:
    return kind if isinstance(kind, Decimal) else DIGITS.get(kind)


def _united(declared: Column | None, spelt: str, kinds: Sequence[ColumnType], *, has_all: bool) -> Column:
    column = declared or Column(name=spelt, type=kinds[0], meaning=NOT_ANY_MORE)
    is_nullable = column.is_nullable or not has_all or declared is None
    return replace(column, name=spelt, type=common_type(kinds), is_nullable=is_nullable)


def _key(table: Table, columns: Sequence[Column]) -> tuple[str, ...]:
    """The key, unless the days hold none of its columns."""
    held = {column.name for column in columns}
    return table.key if held >= {*table.key} else ()
