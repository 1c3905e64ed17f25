"""What a verb hands to the lake: one SELECT, the values bound in it, and what it reads by which name.

A verb computes no bytes itself. It says which SQL file runs over which scans; the lake runs it, sorts it,
casts it to the declaration and publishes the file, and knows the versions of all that was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.sql import Sql, joined, literals, name
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.foundation.united import Schema, united_rows


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """One partition that was read, by the hash of its bytes."""

    table: str
    day: date
    sha256: str


class Source(Protocol):
    """Something that a SELECT can read as a view."""

    @property
    def versions(self) -> tuple[Version, ...]:
        """Partitions behind it, for the manifest."""
        ...

    def mount(self, cursor: DuckDBPyConnection, view: str) -> None:
        """Make it readable under that name on this cursor."""
        ...


@dataclass(frozen=True, slots=True)
class Select:
    """A query over named sources.

    `expected_rows` counts what the source holds, for the row-count check. Its second column, where it has one, is a
    checksum of the source's content: what `checksum` gives over the view `staged_rows` must be the same text.
    """

    sql: Sql
    reads: Mapping[str, Source] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    expected_rows: Sql | None = None
    checksum: Sql | None = None

    @property
    def versions(self) -> tuple[Version, ...]:
        """Every partition that is read, in order, each once."""
        return tuple(sorted({version for source in self.reads.values() for version in source.versions}))

    def mount(self, cursor: DuckDBPyConnection) -> None:
        """Make all sources readable on this cursor."""
        for view, source in self.reads.items():
            source.mount(cursor, view)


@dataclass(frozen=True, slots=True)
class Scan:
    """Partitions of one lake table; with `versions`, one for each file.

    Of a table whose days differ in columns `schemas` says what each of the versions holds.
    """

    table: Table
    files: tuple[Path, ...]
    versions: tuple[Version, ...] = ()
    schemas: tuple[tuple[Version, Schema], ...] = ()

    def __post_init__(self) -> None:
        if self.versions and len(self.versions) != len(self.files):
            raise ValueError(self.table.name + ": a version for each file, or none")

    def sql(self) -> Sql:
        """A SELECT over the files; with none of them, over no rows of the declared columns."""
        if not self.files:
            return no_rows(self.table)
        if self.schemas:
            return united_rows([(each.name, each.type.value) for each in self.table.columns], self._parts())
        text = Sql("SELECT {columns} FROM read_parquet({files}, hive_partitioning = false)")
        return text.fill(columns=names_of(self.table), files=literals(str(file) for file in self.files))

    def mount(self, cursor: DuckDBPyConnection, view: str) -> None:
        """Make the scan a temporary view."""
        mount_view(cursor, view, self.sql())

    def _parts(self) -> list[tuple[str, Schema]]:
        held = dict(self.schemas)
        return [(str(file), held[version]) for file, version in zip(self.files, self.versions, strict=True)]


@dataclass(frozen=True, slots=True)
class ParquetFiles:
    """Parquet that others wrote; columns are united by name."""

    files: tuple[Path, ...]
    versions: tuple[Version, ...] = ()

    def mount(self, cursor: DuckDBPyConnection, view: str) -> None:
        """Make the files one temporary view; at least one file is needed."""
        text = Sql("SELECT * FROM read_parquet({files}, union_by_name = true, hive_partitioning = false)")
        mount_view(cursor, view, text.fill(files=literals(str(file) for file in self.files)))


@dataclass(frozen=True, slots=True)
class ArrowRows:
    """Rows that are in memory already."""

    rows: pa.Table
    versions: tuple[Version, ...] = ()

    def mount(self, cursor: DuckDBPyConnection, view: str) -> None:
        """Register the Arrow table under the name."""
        cursor.register(view, self.rows)


def mount_view(cursor: DuckDBPyConnection, view: str, query: Sql) -> None:
    """A temporary view of the query, replacing one of the same name."""
    cursor.execute(Sql("CREATE OR REPLACE TEMP VIEW {view} AS {query}").fill(view=name(view), query=query).text)


def names_of(table: Table) -> Sql:
    """The table's columns, quoted, in the declared order."""
    return joined(name(column.name) for column in table.columns)


def no_rows(table: Table) -> Sql:
    """A SELECT of the declared columns and types without a row."""
    empty = Sql("CAST(NULL AS {type}) AS {name}")
    columns = joined(empty.fill(type=Sql(column.type.value), name=name(column.name)) for column in table.columns)
    return Sql("SELECT {columns} WHERE false").fill(columns=columns)


def cast_to(table: Table, query: Sql) -> Sql:
    """The query with its columns cast to the declaration, in the declared order, sorted by key."""
    cast = Sql("CAST({name} AS {type}) AS {name}")
    columns = joined(cast.fill(name=name(column.name), type=Sql(column.type.value)) for column in table.columns)
    key = joined(name(column) for column in table.key)
    return Sql("SELECT {columns} FROM (\n{query}\n) ORDER BY {key}").fill(columns=columns, query=query, key=key)
