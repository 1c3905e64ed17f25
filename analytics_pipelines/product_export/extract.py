"""From the product's PostgreSQL to raw: full copies with an explicit cast for every column."""

import re
from dataclasses import dataclass, replace
from datetime import date

import duckdb
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.postgres.duck_source import PostgresRows
from analytics_pipelines.foundation.select import Select, Version
from analytics_pipelines.foundation.sql import Sql, from_file, name

ALL = Sql("SELECT * FROM exported")
SOURCE_COUNT = Sql("SELECT row_count FROM counted")
# Planning a query checks names; only running it, even for no rows, checks the right to read.
PROBE = Sql("SELECT 1 AS probed FROM ({query}) AS rows_to_read LIMIT 0")
REASON = re.compile(r"ERROR:\s+(?P<reason>[^\n]+)")


class UnsuitableSource(SetupError):
    """The source lacks a table or column that the export reads, or does not let us read it."""


@dataclass(frozen=True, slots=True)
class ProductRows:
    """Rows of the product's database; says what is wrong when it is not the product's."""

    rows: PostgresRows

    @property
    def versions(self) -> tuple[Version, ...]:
        """None, as of any database."""
        return self.rows.versions

    def mount(self, cursor: DuckDBPyConnection, view: str) -> None:
        """Make the rows a temporary view; raises `UnsuitableSource`, or `Unavailable` when the server is away."""
        probe = replace(self.rows, query=PROBE.fill(query=Sql(self.rows.query)).text)
        try:
            probe.mount(cursor, view + "_probe")
            cursor.execute(Sql("SELECT * FROM {view}").fill(view=name(view + "_probe")).text).fetchall()
            self.rows.mount(cursor, view)
        except duckdb.Error as error:
            found = REASON.search(str(error))
            if found is None:
                raise
            raise UnsuitableSource(
                "The source can not be exported: " + found["reason"] + ".",
                remedy="SOURCE_DATABASE_URL must name a database that has the product's tables and lets us read them.",
            ) from None


def export_users(source: str, day: date, today: date) -> Select | None:
    """`raw_app__users` of the UTC day: users created by its end who still exist, as they are now.

    None for a day after `today`: it has not begun, so nobody knows what it will hold. `source` is the
    connection string of the product's database. The rows and the count that they are checked against are of
    one snapshot. Running it raises `UnsuitableSource` or `Unavailable`.
    """
    return _export(source, day, "users") if day <= today else None


def export_items(source: str, day: date, today: date) -> Select | None:
    """`raw_app__items` of the UTC day: items created by its end that still exist; else as `export_users`."""
    return _export(source, day, "items") if day <= today else None


def _export(source: str, day: date, table: str) -> Select:
    queries = {"exported": "export_" + table, "counted": "count_" + table}
    reads = {
        view: ProductRows(PostgresRows(source, from_file(__package__, query).text, (day,)))
        for view, query in queries.items()
    }
    return Select(ALL, reads, expected_rows=SOURCE_COUNT)
