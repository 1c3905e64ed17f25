"""Rows with the declared types of a table, and the rows that a SELECT gives."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from analytics_pipelines.foundation.duck import Duck, DuckLimits
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.tables import Table, Type

LIMITS = DuckLimits(256 * 2**20, 2, None)
ARROW = {
    Type.TEXT: pa.string(),
    Type.BOOL: pa.bool_(),
    Type.INT: pa.int64(),
    Type.DATE: pa.date32(),
    Type.TIMESTAMP: pa.timestamp("us", "UTC"),
    Type.DOUBLE: pa.float64(),
}


def rows_of(table: Table, rows: Iterable[dict[str, Any]]) -> ArrowRows:
    """The rows with the table's declared types; what a row leaves out is null."""
    schema = pa.schema([(column.name, ARROW[column.type]) for column in table.columns])
    return ArrowRows(pa.Table.from_pylist(list(rows), schema=schema))


def answers(duck: Duck, select: Select) -> list[dict[str, Any]]:
    """The rows that a SELECT gives."""
    with duck.cursor() as cursor:
        select.mount(cursor)
        found: list[dict[str, Any]] = cursor.execute(select.sql.text, dict(select.values)).to_arrow_table().to_pylist()
        return found
