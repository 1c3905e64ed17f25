"""The source's rows and the lake's, asked the same questions; each engine in its own words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.bound import TRUE
from analytics_pipelines.foundation.checksums import row_text, sum_in_duckdb, sum_in_postgresql
from analytics_pipelines.foundation.sql import Sql, joined
from analytics_pipelines.product_export.plan import ExportColumn, TablePlan
from analytics_pipelines.product_export.verify.source_rows import asked, is_in_utf8, pieces, scan

HASH = Sql("substr(md5({text}), 1, {digits})")
IN_UTF8 = Sql("convert_to({text}, 'UTF8')")
OF_ROWS = Sql("SELECT {columns} FROM (\n{rows}\n) AS compared_rows WHERE {condition}{tail}")
NOTHING = Sql("")


class Side(Protocol):
    """One of the two."""

    def text(self, column: ExportColumn) -> Sql:
        """The column's value as text, the same on both sides."""
        ...

    def hashed(self, text: Sql, digits: int) -> Sql:
        """The first hexadecimal digits of its md5."""
        ...

    def checksum(self, columns: Iterable[ExportColumn]) -> Sql:
        """An aggregate over rows of these columns, as text of an integer; checksums of parts add up."""
        ...

    def asked(self, *columns: Sql, condition: Sql = TRUE, tail: Sql = NOTHING) -> Iterator[tuple[Any, ...]]:
        """The rows of a SELECT; of aggregates one row, or set of groups, for each piece that is read."""
        ...


@dataclass(frozen=True, slots=True)
class SourceSide:
    """What PostgreSQL holds, in the transaction of the connection; `where` is one more condition on its rows."""

    connection: psycopg.Connection[Any]
    plan: TablePlan
    where: Sql | None = None
    duty_pct: int = 100

    def text(self, column: ExportColumn) -> Sql:
        """In PostgreSQL's words."""
        return column.as_text_in_source

    def hashed(self, text: Sql, digits: int) -> Sql:
        """Of the text in UTF-8, however the database keeps it."""
        encoded = text if is_in_utf8(self.connection) else IN_UTF8.fill(text=text)
        return HASH.fill(text=encoded, digits=Sql(str(digits)))

    def checksum(self, columns: Iterable[ExportColumn]) -> Sql:
        """In PostgreSQL's words."""
        row = row_text(self.text(column) for column in columns)
        return sum_in_postgresql(row, is_in_utf8=is_in_utf8(self.connection))

    def asked(self, *columns: Sql, condition: Sql = TRUE, tail: Sql = NOTHING) -> Iterator[tuple[Any, ...]]:
        """Piece by piece, with rests if the source is to be read in a part of the time only."""
        for piece in pieces(self.plan, self.where, self.duty_pct):
            query = scan(self.plan, joined(columns), self.where, condition, piece)
            yield from asked(self.connection, Sql(query.text + tail.text), duty_pct=self.duty_pct)


@dataclass(frozen=True, slots=True)
class LakeSide:
    """What the lake holds: the rows of a query of DuckDB, which gives the plan's columns."""

    cursor: DuckDBPyConnection
    rows: Sql

    def text(self, column: ExportColumn) -> Sql:
        """In DuckDB's words."""
        return column.as_text_in_lake

    def hashed(self, text: Sql, digits: int) -> Sql:
        """Of the text, which is always in UTF-8."""
        return HASH.fill(text=text, digits=Sql(str(digits)))

    def checksum(self, columns: Iterable[ExportColumn]) -> Sql:
        """In DuckDB's words."""
        return sum_in_duckdb(row_text(self.text(column) for column in columns))

    def asked(self, *columns: Sql, condition: Sql = TRUE, tail: Sql = NOTHING) -> Iterator[tuple[Any, ...]]:
        """All at once."""
        query = OF_ROWS.fill(columns=joined(columns), rows=self.rows, condition=condition, tail=tail)
        yield from self.cursor.execute(query.text).fetchall()
