"""A room's native and hot tables as one read-only DuckDB file."""

import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import Duck, DuckLimits, one_row
from analytics_pipelines.foundation.files import sync_file
from analytics_pipelines.foundation.hot import HotTable
from analytics_pipelines.foundation.select import Scan, cast_to, names_of
from analytics_pipelines.foundation.sql import Sql, joined, literal, name
from analytics_pipelines.foundation.tables import Table

ROW_GROUP_ROWS = 16_384
"""Small, so that a point lookup and a listing decode little; a multiple of DuckDB's vectors of 2,048 rows."""
STORAGE_VERSION = "v1.4.0"
"""The oldest whose text columns are dictionaries compressed by FSST; DuckDB 2.0 reads it too."""
ATTACH = Sql("ATTACH {file} AS room (ROW_GROUP_SIZE {rows}, STORAGE_VERSION {version})")
CREATE = Sql("CREATE TABLE room.main.{table} AS {query}")
NUMBER = Sql("UPDATE room.main.{table} SET {columns}")
PLACE = Sql("{column} = rowid // {divisor}")
INDEX = Sql("CREATE UNIQUE INDEX {index} ON room.main.{table} ({column})")
COUNT = Sql("SELECT count(*) FROM room.main.{table}")


class Making:
    """The generation in the making as its hot tables read it: see `foundation.hot.Readable`."""

    def __init__(self, cursor: DuckDBPyConnection, lake: Mapping[str, Mapping[date, Path]]) -> None:
        self._cursor = cursor
        self._lake = lake

    def days(self, table: Table) -> tuple[date, ...]:
        """Days that it holds of a lake table, in order."""
        return tuple(sorted(self._lake[table.name]))

    def scan(self, table: Table, days: Iterable[date] | None = None) -> Sql:
        """A SELECT of the declared columns: of these days, by default of all; of a hot table, the whole."""
        files = self._lake.get(table.name)
        if files is None:
            return Sql("SELECT {columns} FROM room.main.{table}").fill(columns=names_of(table), table=name(table.name))
        wanted = sorted(files if days is None else set(days) & set(files))
        return Scan(table, tuple(files[day] for day in wanted)).sql()

    def rows(self, query: Sql, values: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """Rows of a query over what `scan` gives."""
        return self._cursor.execute(query.text, dict(values or {}) or None).fetchall()


def write_room_file(
    file: Path,
    scans: Iterable[Scan],
    limits: DuckLimits,
    hot: Iterable[HotTable] = (),
    lake: Mapping[str, Mapping[date, Path]] | None = None,
) -> dict[str, int]:
    """Write each scan and each hot table, sorted by its key; the file is synced and 0444. Gives rows of hot tables.

    `lake` has the files of all days of what hot tables read. What does not fit into memory is sorted on disk.
    """
    duck = Duck(limits)
    try:
        with duck.cursor() as cursor:
            attach = ATTACH.fill(
                file=literal(str(file)), rows=Sql(str(ROW_GROUP_ROWS)), version=literal(STORAGE_VERSION)
            )
            cursor.execute(attach.text)
            for scan in scans:
                _create(cursor, scan.table, scan.sql())
            making = Making(cursor, lake or {})
            rows = {each.table.name: _make(cursor, each, making) for each in hot}
            cursor.execute("CHECKPOINT room")
            cursor.execute("DETACH room")
    finally:
        duck.close()
    os.chmod(file, 0o444)
    sync_file(file)
    return rows


def _make(cursor: DuckDBPyConnection, hot: HotTable, making: Making) -> int:
    table = name(hot.table.name)
    _create(cursor, hot.table, hot.make(making))
    if hot.numbered:
        # Rows lie in the order in which they were written, so their numbers cost no second sort.
        places = (PLACE.fill(column=name(column), divisor=Sql(str(every))) for column, every in hot.numbered)
        cursor.execute(NUMBER.fill(table=table, columns=joined(places)).text)
    for column in hot.indexed:
        index = name(hot.table.name + "__" + column)
        cursor.execute(INDEX.fill(index=index, table=table, column=name(column)).text)
    (rows,) = one_row(cursor.execute(COUNT.fill(table=table).text))
    return int(rows)


def _create(cursor: DuckDBPyConnection, table: Table, query: Sql) -> None:
    statement = CREATE.fill(table=name(table.name), query=cast_to(table, query)).text
    try:
        cursor.execute(statement)
    except duckdb.OutOfMemoryException:
        # Each thread keeps row groups of its own until their turn to be written comes; one thread needs few of them.
        cursor.execute("SET threads = 1")
        cursor.execute(statement)
