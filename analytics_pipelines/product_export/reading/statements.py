"""The statements of one slice: what PostgreSQL is asked, and what DuckDB writes of the answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analytics_pipelines.foundation.bound import every
from analytics_pipelines.foundation.sql import Sql, date_literal, joined, literal, name
from analytics_pipelines.foundation.tables import Column
from analytics_pipelines.product_export.plan import EXPORT_DATE, IS_TOMBSTONE, TablePlan
from analytics_pipelines.product_export.planning import rows_wanted
from analytics_pipelines.product_export.reading.slices import PAGE_LINES, Slice

MOST_GROUP_ROWS = 131_072
MOST_GROUP_BYTES = 2**26
"""As the rows lie in memory: a bound where they are wide."""
PIECE = Sql("SELECT {columns} FROM {only}{schema}.{heap} AS {table} WHERE {conditions}")
COPY = Sql(
    "COPY (SELECT {columns} FROM {rows}) TO {file}"
    " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1,"
    " ROW_GROUP_SIZE {group_rows}, ROW_GROUP_SIZE_BYTES {bytes})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is read of a table: the plan, the day written beside each row, and which rows."""

    plan: TablePlan
    day: date
    where: Sql | None = None
    is_tombstone: bool = False

    def of_source(self, piece: Slice) -> Sql:
        """PostgreSQL: the rows of the slice, each column under the source's name."""
        one = Sql("{read} AS {column}")
        columns = [one.fill(read=each.read, column=name(each.source.name)) for each in self.plan.columns]
        source, leaf = self.plan.source, piece.leaf
        return PIECE.fill(
            columns=joined(columns),
            only=Sql("ONLY " if leaf else ""),
            schema=name(leaf.schema if leaf else source.schema),
            heap=name(leaf.table if leaf else source.table),
            table=name(source.table),
            conditions=every([*_range(piece), rows_wanted(self.plan.wish, self.where)]),
        )

    def to_file(self, rows: Sql, file: Path) -> Sql:
        """DuckDB: the rows, with columns under the source's names, as Parquet of the planned columns."""
        columns = joined(self._written(column) for column in self.plan.table.columns)
        limits = {"group_rows": Sql(str(MOST_GROUP_ROWS)), "bytes": Sql(str(MOST_GROUP_BYTES))}
        return COPY.fill(columns=columns, rows=rows, file=literal(str(file)), **limits)

    def _written(self, column: Column) -> Sql:
        cast = Sql("CAST({value} AS {type}) AS {column}")
        return cast.fill(value=self._value(column.name), type=Sql(column.type.value), column=name(column.name))

    def _value(self, column: str) -> Sql:
        found = {each.lake.name: each for each in self.plan.columns}.get(column)
        if found is not None:
            return found.masked or name(found.source.name)
        if column == EXPORT_DATE:
            return date_literal(self.day)
        if column == IS_TOMBSTONE:
            return Sql("true" if self.is_tombstone else "false")
        raise ValueError("the plan says nothing of the column " + column)


def _range(piece: Slice) -> Iterator[Sql]:
    if piece.leaf is not None:
        yield Sql("ctid >= {first}").fill(first=_tid(piece.first))
        if piece.end is not None:
            yield Sql("ctid < {end}").fill(end=_tid(piece.end))


def _tid(place: int) -> Sql:
    return literal("({},{})".format(*divmod(place, PAGE_LINES)))
