"""What the next generation holds, and its id: a hash of nothing but its inputs."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.hot import HotTable
from analytics_pipelines.foundation.lake import Lake, Manifest
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.foundation.united import united_table

LAYOUT = "2"
"""Raised when the files of a generation change in form while their inputs do not."""
ID_CHARACTERS = 32


class OutdatedPartition(Conflict):
    """A day was written with other columns than its table declares now."""


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """A table with the manifests of all its days, in order; one that evolves has the columns of all of them."""

    table: Table
    manifests: tuple[Manifest, ...]

    @property
    def identity(self) -> list[object]:
        """All that a copy of the table depends on."""
        columns = [(column.name, column.type.value) for column in self.table.columns]
        days = [(manifest.day.isoformat(), manifest.sha256) for manifest in self.manifests]
        return [
            self.table.name,
            self.table.room,
            self.table.version,
            self.table.is_native,
            self.table.key,
            columns,
            days,
        ]


@dataclass(frozen=True, slots=True)
class PlannedHot:
    """A hot table with the lake tables that it is made of."""

    hot: HotTable
    reads: tuple[PlannedTable, ...]

    @property
    def identity(self) -> list[object]:
        """All that its rows depend on."""
        table = self.hot.table
        columns = [(column.name, column.type.value) for column in table.columns]
        texts = [text.text for text in self.hot.texts]
        form: list[object] = [self.hot.numbered, self.hot.indexed]
        reads = [planned.identity for planned in self.reads]
        return [table.name, table.room, table.version, table.key, columns, texts, form, reads]


@dataclass(frozen=True, slots=True)
class Plan:
    """Tables in order of their names, hot tables in the order of making, and the engine that will read them."""

    tables: tuple[PlannedTable, ...]
    engine: str
    hot: tuple[PlannedHot, ...] = ()

    @property
    def inputs_sha256(self) -> str:
        """The same inputs give the same hash, whenever and wherever they are read."""
        hot = [planned.identity for planned in self.hot]
        told = [planned.table.personal for planned in self.tables]
        return _hash_of([LAYOUT, self.engine, [planned.identity for planned in self.tables], hot, told])

    @property
    def id(self) -> str:
        """The generation's id."""
        return self.inputs_sha256[:ID_CHARACTERS]

    @property
    def native_rooms(self) -> list[str]:
        """Rooms that need a DuckDB file, in order."""
        native = {planned.table.room for planned in self.tables if planned.table.is_native}
        return sorted(native | {planned.hot.table.room for planned in self.hot})

    def native_tables(self, room: str) -> list[PlannedTable]:
        """Lake tables that are copied into the room's DuckDB file."""
        return [planned for planned in self.tables if planned.table.is_native and planned.table.room == room]

    def hot_tables(self, room: str) -> list[PlannedHot]:
        """What is made in the room's DuckDB file, in this order."""
        return [planned for planned in self.hot if planned.hot.table.room == room]

    def room_sha256(self, room: str) -> str:
        """The hash of all that the room's DuckDB file depends on."""
        native = [planned.identity for planned in self.native_tables(room)]
        return _hash_of([LAYOUT, self.engine, native, [planned.identity for planned in self.hot_tables(room)]])


def plan_of(lake: Lake, tables: Iterable[Table], hot: Iterable[HotTable] = ()) -> Plan:
    """Everything that the lake holds of these tables now, and the hot tables that can be made of nothing else.

    Raises `OutdatedPartition`.
    """
    declared = list(tables)
    # Tables that are exported together are planned as of one moment; each of the others changes for itself.
    with lake.at_rest():
        evolving = {table.name: lake.manifests(table) for table in declared if table.is_evolving}
    planned = [
        _planned(table, evolving[table.name] if table.is_evolving else lake.manifests(table)) for table in declared
    ]
    for each in planned:
        _must_be_current(each)
    ordered = tuple(sorted(planned, key=lambda each: each.table.name))
    return Plan(ordered, "duckdb " + duckdb.__version__, _planned_hot(planned, hot))


def _planned(table: Table, manifests: Sequence[Manifest]) -> PlannedTable:
    united = united_table(table, [manifest.schema for manifest in manifests]) if table.is_evolving else table
    return PlannedTable(united, tuple(manifests))


def _planned_hot(planned: Iterable[PlannedTable], hot: Iterable[HotTable]) -> tuple[PlannedHot, ...]:
    by_name = {each.table.name: each for each in planned}
    return tuple(
        PlannedHot(each, tuple(by_name[table.name] for table in each.reads))
        for each in hot
        if all(table.name in by_name for table in each.reads)
    )


def room_file_name(room: str) -> str:
    """Where a room's native and hot tables lie in a generation; a path that tools rely on."""
    return room + ".duckdb"


def partition_path(manifest: Manifest) -> Path:
    """Where a day's Parquet lies in a generation."""
    return Path("parquet") / manifest.table / ("date=" + manifest.day.isoformat()) / "data.parquet"


def _must_be_current(planned: PlannedTable) -> None:
    if planned.table.is_evolving:
        return
    declared = tuple((column.name, column.type.value) for column in planned.table.columns)
    old = [manifest.day for manifest in planned.manifests if manifest.schema != declared]
    if old:
        raise OutdatedPartition(
            planned.table.name + " was written with other columns on " + str(len(old)) + " days.",
            remedy="Materialize it from " + str(old[0]) + " to " + str(old[-1]) + ".",
        )


def _hash_of(content: list[object]) -> str:
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
