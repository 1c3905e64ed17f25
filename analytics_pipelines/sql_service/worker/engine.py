"""DuckDB instances over a generation, one for each kind of rights, locked before any stranger's SQL reaches them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import BASE_CONFIG
from analytics_pipelines.foundation.generation.description import Generation
from analytics_pipelines.foundation.generation.views import attach_rooms, make_view, query_of, some_columns
from analytics_pipelines.foundation.sql import Sql, literal, literals
from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.worker.shown import Shown, shown_to

LOAD = Sql("LOAD {file}")
ALLOW = Sql("SET allowed_directories = {folders}")
LAST = ("SET enable_external_access = false", "SET lock_configuration = true")
"""In this order: what is allowed can not be set any more without access, and nothing once it is locked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineLimits:
    """Of each instance."""

    memory_bytes: int
    threads: int
    most_spilled_bytes: int


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance for callers of some rights, and what they see in it."""

    connection: DuckDBPyConnection
    shown: Shown

    @contextmanager
    def cursor(self) -> Iterator[DuckDBPyConnection]:
        """A connection that nobody had before: temporary tables and all else of it go with it."""
        cursor = self.connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


class Engine:
    """Opens instances when they are first needed; folders are named as this process can open them in its cage.

    `check` looks at each instance before anybody is served from it, and raises.
    """

    def __init__(
        self,
        generation: Generation,
        folder: Path,
        spill: Path,
        limits: EngineLimits,
        *,
        check: Callable[[Instance], None],
        extensions: Sequence[Path] = (),
    ) -> None:
        self.generation = generation
        self.spill = spill
        self._folder = folder
        self._limits = limits
        self._check = check
        self._extensions = tuple(extensions)
        self._instances: dict[Rights, Instance] = {}

    def instance(self, rights: Rights) -> Instance:
        """That of callers with these rights; raises what DuckDB raises when it can not be opened."""
        if rights not in self._instances:
            self._instances[rights] = self._opened(rights)
        return self._instances[rights]

    def _opened(self, rights: Rights) -> Instance:
        shown = shown_to(rights, self.generation)
        connection = duckdb.connect(":memory:", config=self._config(rights))
        try:
            self._prepare(connection, shown)
            instance = Instance(connection, shown)
            self._check(instance)
        except BaseException:
            connection.close()
            raise
        return instance

    def _config(self, rights: Rights) -> dict[str, str | bool | int | float | list[str]]:
        return BASE_CONFIG | {
            "memory_limit": _size(self._limits.memory_bytes),
            "threads": self._limits.threads,
            # Instances that share a spill folder overwrite each other's files.
            "temp_directory": str(self.spill / ("duck-" + rights.value)),
            "max_temp_directory_size": _size(self._limits.most_spilled_bytes),
        }

    def _prepare(self, connection: DuckDBPyConnection, shown: Shown) -> None:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        for file in self._extensions:
            connection.execute(LOAD.fill(file=literal(str(file))).text)
        attach_rooms(connection, self._folder, self.generation)
        for table in self.generation.tables:
            if table.name in shown.columns:
                rows = query_of(self._folder, table)
                make_view(connection, table.name, some_columns(rows, shown.columns[table.name]))
        folders = [str(self._folder) + "/", str(self.spill) + "/"]
        connection.execute(ALLOW.fill(folders=literals(folders)).text)
        for statement in LAST:
            connection.execute(statement)


def _size(count: int) -> str:
    return str(count) + "B"
