"""One generation opened for reading: native tables and views over Parquet under the lake's table names."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import Duck, DuckLimits, arrow_of, rows_of, tuples_of
from analytics_pipelines.foundation.errors import NotFound, Unavailable
from analytics_pipelines.foundation.generation.description import Generation, TableFiles, read_generation
from analytics_pipelines.foundation.generation.pointer import GenerationFolders, lock_generation
from analytics_pipelines.foundation.generation.views import attach_rooms, make_view, query_of, stored
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql, name

Row = TypeVar("Row")
Kept = TypeVar("Kept")
MEMORY_SHARE = 0.5  # two generations are open during a swap
FEW_SHARE = 4  # the part of it that questions of few rows have
TRIES = 5


class GenerationGone(Unavailable):
    """The generation was swept between reading the pointer and taking its lock."""


class Lease:
    """A generation held open; the sweep leaves it alone until `close`.

    Cursors may run in several threads at once.
    """

    def __init__(  # noqa: PLR0917 - only `open` calls it
        self, generation: Generation, folder: Path, duck: Duck, few: Duck, lock: int, query_timeout_s: float
    ) -> None:
        self.generation = generation
        self._folder = folder
        self._duck = duck
        self._few = few
        self._lock = lock
        self._query_timeout_s = query_timeout_s
        self._remembered: dict[str, Any] = {}
        self._making: dict[str, threading.Lock] = {}
        self._names = frozenset(generation.names)
        self._stored = {each.name: each.room for each in generation.tables if each.is_native}
        self._stored |= {each.name: each.room for each in generation.hot}

    @staticmethod
    def open(folder: Path, settings: Settings) -> "Lease":
        """Lock, attach, make the views and run a first query of each; raises `GenerationGone`."""
        lock = lock_generation(folder)
        if lock is None:
            raise GenerationGone("The generation is gone.", remedy="Ask again; a newer one is in force.")
        try:
            generation = read_generation(folder)
            few_limits = replace(DuckLimits.of(settings, share=MEMORY_SHARE / FEW_SHARE), threads=1)
            duck = Duck(DuckLimits.of(settings, share=MEMORY_SHARE - MEMORY_SHARE / FEW_SHARE))
            few = Duck(few_limits)
        except BaseException:
            os.close(lock)
            raise
        lease = Lease(generation, folder, duck, few, lock, settings.query_timeout)
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

    def tuples(self, query: Sql, **values: object) -> list[tuple[Any, ...]]:
        """Each row of the answer as a tuple, which costs less than `rows`; raises `TimedOut`."""
        with self.cursor() as cursor:
            return tuples_of(cursor, query, values)

    def few(self, query: Sql, **values: object) -> list[tuple[Any, ...]]:
        """As `tuples`, for few rows of tables that `table` names: on one thread, since sharing such work costs more.

        A view is not known here, and a bound value costs a second planning: write numbers of ours out.
        """
        with self._few.cursor(deadline_s=self._query_timeout_s) as cursor:
            return tuples_of(cursor, query, values)

    def arrow(self, query: Sql, **values: object) -> pa.Table:
        """The whole answer as an Arrow table, for answers of many rows; raises `TimedOut`."""
        with self.cursor() as cursor:
            return arrow_of(cursor, query, values)

    def holds(self, table: str) -> bool:
        """Whether the generation has a table of that name, be it empty."""
        return table in self._names

    def table(self, table: str) -> Sql:
        """The quickest name to read a table by: a view costs a millisecond for each hundred columns."""
        stored = self._stored.get(table)
        return Sql("{room}.main.{table}").fill(room=name(stored), table=name(table)) if stored else name(table)

    def remembered(self, what: str, make: "Callable[[Lease], Kept]") -> Kept:
        """What `make` gives for this lease, made once: who asks meanwhile waits for it."""
        if what not in self._remembered:
            with self._making.setdefault(what, threading.Lock()):
                if what not in self._remembered:
                    self._remembered[what] = make(self)
        found: Kept = self._remembered[what]
        return found

    def recalled(self, what: str) -> object:
        """What is remembered by that name; None before it is made."""
        return self._remembered.get(what)

    def close(self) -> None:
        """End the instance and let the sweep have the generation; cursors that still run fail."""
        self._duck.close()
        self._few.close()
        os.close(self._lock)

    def days(self, table: str, first: date, last: date) -> tuple[date, ...]:
        """The published days of a table from `first` to `last`, in order; none of a table that is not published."""
        found = (each for each in self.generation.tables if each.name == table)
        return tuple(part.day for each in found for part in each.partitions if first <= part.day <= last)

    def scan(self, table: str, first: date, last: date) -> Sql:
        """A SELECT over exactly those days of a Parquet table, so that no other file is opened.

        Of a native table all days are in one file, and all of them are given. Raises `NotFound`.
        """
        described = self.described(table)
        kept = tuple(each for each in described.partitions if first <= each.day <= last)
        return query_of(self._folder, replace(described, partitions=kept))

    def described(self, table: str) -> TableFiles:
        """What is published of a lake table; raises `NotFound`."""
        found = next((each for each in self.generation.tables if each.name == table), None)
        if found is None:
            raise NotFound("Nothing of " + table + " is published.", remedy="Materialize it.")
        return found

    @property
    def folder(self) -> Path:
        """The folder of the generation: all that another process has to read is in it."""
        return self._folder

    def from_outside(self, table: str) -> tuple[Sql, dict[str, str]]:
        """A SELECT of all rows of a lake table for another process, and the databases that it has to attach by name.

        It can be read for as long as this lease is held. Raises `NotFound`.
        """
        described = self.described(table)
        room = self.generation.room_file(described.room) if described.is_native else None
        attached = {described.room: str(self._folder / room.path)} if room else {}
        return query_of(self._folder, described), attached

    def _prepare(self) -> None:
        with self._few.cursor() as few:
            attach_rooms(few, self._folder, self.generation)
        with self._duck.cursor() as cursor:
            attach_rooms(cursor, self._folder, self.generation)
            for table in self.generation.tables:
                make_view(cursor, table.name, query_of(self._folder, table))
            for hot in self.generation.hot:
                make_view(cursor, hot.name, stored(hot.room, hot.name, hot.columns))
            self._probe(cursor)

    def _probe(self, cursor: DuckDBPyConnection) -> None:
        """A view that can not be bound fails here, before anybody is answered from it."""
        for table in self.generation.names:
            probe = Sql("SELECT 1 FROM {table} WHERE $is_wanted LIMIT 1").fill(table=name(table))
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
