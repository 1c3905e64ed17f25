"""One generation opened for reading: native tables and views over Parquet under the lake's table names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import Duck, DuckLimits, rows_of
from analytics_pipelines.foundation.errors import NotFound, Unavailable
from analytics_pipelines.foundation.generation.description import Generation, TableFiles, read_generation
from analytics_pipelines.foundation.generation.pointer import GenerationFolders, lock_generation
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql, joined, literal, literals, name, names

Row = TypeVar("Row")
MEMORY_SHARE = 0.5  # two generations are open during a swap
TRIES = 5


class GenerationGone(Unavailable):
    """The generation was swept between reading the pointer and taking its lock."""


class Lease:
    """A generation held open; the sweep leaves it alone until `close`.

    Cursors may run in several threads at once.
    """

    def __init__(self, generation: Generation, folder: Path, duck: Duck, lock: int, query_timeout_s: float) -> None:
        self.generation = generation
        self._folder = folder
        self._duck = duck
        self._lock = lock
        self._query_timeout_s = query_timeout_s

    @staticmethod
    def open(folder: Path, settings: Settings) -> "Lease":
        """Lock, attach, make the views and run a first query of each; raises `GenerationGone`."""
        lock = lock_generation(folder)
        if lock is None:
            raise GenerationGone("The generation is gone.", remedy="Ask again; a newer one is in force.")
        try:
            generation = read_generation(folder)
            duck = Duck(DuckLimits.of(settings, share=MEMORY_SHARE))
        except BaseException:
            os.close(lock)
            raise
        lease = Lease(generation, folder, duck, lock, settings.query_timeout)
        try:
            lease._prepare()
        except BaseException:
            lease.close()
            raise
        return lease

    @property
    def id(self) -> str:
        """The generation's id, which is the ETag of what it answers."""
        return self.generation.id

    @contextmanager
    def cursor(self) -> Iterator[DuckDBPyConnection]:
        """A cursor of one's own; past QUERY_TIMEOUT its statement stops with `TimedOut`."""
        with self._duck.cursor(deadline_s=self._query_timeout_s) as cursor:
            yield cursor

    def rows(self, model: type[Row], query: Sql, **values: object) -> list[Row]:
        """Each row of the answer as `model(**columns)`; raises `TimedOut`."""
        with self.cursor() as cursor:
            return rows_of(cursor, model, query, values)

    def close(self) -> None:
        """End the instance and let the sweep have the generation; cursors that still run fail."""
        self._duck.close()
        os.close(self._lock)

    def days(self, table: str, first: date, last: date) -> tuple[date, ...]:
        """The published days of a table from `first` to `last`, in order; none of a table that is not published."""
        found = (each for each in self.generation.tables if each.name == table)
        return tuple(part.day for each in found for part in each.partitions if first <= part.day <= last)

    def scan(self, table: str, first: date, last: date) -> Sql:
        """A SELECT over exactly those days of a Parquet table, so that no other file is opened.

        Of a native table all days are in one file, and all of them are given. Raises `NotFound`.
        """
        described = next((each for each in self.generation.tables if each.name == table), None)
        if described is None:
            raise NotFound("Nothing of " + table + " is published.", remedy="Materialize it.")
        kept = tuple(each for each in described.partitions if first <= each.day <= last)
        return _query(self._folder, replace(described, partitions=kept))

    def _prepare(self) -> None:
        attach = Sql("ATTACH {file} AS {room} (READ_ONLY)")
        view = Sql("CREATE VIEW {view} AS {query}")
        with self._duck.cursor() as cursor:
            for room in self.generation.rooms:
                cursor.execute(attach.fill(file=literal(str(self._folder / room.path)), room=name(room.room)).text)
            for table in self.generation.tables:
                cursor.execute(view.fill(view=name(table.name), query=_query(self._folder, table)).text)
            self._probe(cursor)

    def _probe(self, cursor: DuckDBPyConnection) -> None:
        """A view that can not be bound fails here, before anybody is answered from it."""
        for table in self.generation.tables:
            probe = Sql("SELECT 1 FROM {table} WHERE $is_wanted LIMIT 1").fill(table=name(table.name))
            cursor.execute(probe.text, {"is_wanted": False}).fetchall()


def open_current(folders: GenerationFolders, settings: Settings) -> Lease | None:
    """A lease on the generation in force; None before the first publication."""
    for _ in range(TRIES):
        generation_id = folders.current_id()
        if generation_id is None:
            return None
        try:
            return Lease.open(folders.folder(generation_id), settings)
        except GenerationGone:
            continue
    raise GenerationGone("The generation in force could not be opened.", remedy="Publish again.")


def warm_up(settings: Settings) -> None:
    """Pay now for the process's first parameterised query: 2 s, since DuckDB 1.5 imports pandas for it."""
    duck = Duck(DuckLimits.of(settings, share=MEMORY_SHARE))
    with duck.cursor() as cursor:
        cursor.execute("SELECT $one", {"one": 1}).fetchall()
    duck.close()


def _query(folder: Path, table: TableFiles) -> Sql:
    columns = names(column.name for column in table.columns)
    if table.is_native:
        native = Sql("SELECT {columns} FROM {room}.main.{table}")
        return native.fill(columns=columns, room=name(table.room), table=name(table.name))
    files = [str(folder / each.path) for each in table.partitions if each.path]
    if files:
        parquet = Sql("SELECT {columns} FROM read_parquet({files}, hive_partitioning = false)")
        return parquet.fill(columns=columns, files=literals(files))
    return _no_rows(table)


def _no_rows(table: TableFiles) -> Sql:
    empty = Sql("CAST(NULL AS {type}) AS {name}")
    columns = joined(empty.fill(type=Sql(column.type), name=name(column.name)) for column in table.columns)
    return Sql("SELECT {columns} WHERE false").fill(columns=columns)
