"""Putting a planned generation together in a folder that nobody reads yet."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.files import sync_folder, write_synced
from analytics_pipelines.foundation.generation import (
    Generation,
    GenerationFolders,
    HotTableRows,
    PartitionFile,
    RoomFile,
    TableFiles,
)
from analytics_pipelines.foundation.generation.description import FILE_NAME, described_columns, read_generation
from analytics_pipelines.foundation.generation.pointer import LOCK_FILE
from analytics_pipelines.foundation.lake import Lake, Manifest
from analytics_pipelines.foundation.select import Scan
from analytics_pipelines.foundation.united import Schema
from analytics_pipelines.serving.links import link, link_partition
from analytics_pipelines.serving.native import write_room_file
from analytics_pipelines.serving.plan import Plan, PlannedHot, PlannedTable, partition_path, room_file_name

READ_ONLY = 0o444


@dataclass(frozen=True, slots=True)
class Previous:
    """The generation in force, from which unchanged files are carried forward."""

    folder: Path
    generation: Generation

    def room_file(self, room: str, inputs_sha256: str) -> Path | None:
        """Its file of the room, when it was made of the same inputs."""
        found = self.generation.room_file(room)
        return self.folder / found.path if found and found.inputs_sha256 == inputs_sha256 else None

    def hot_rows(self) -> dict[str, int]:
        """Rows of its hot tables."""
        return {hot.name: hot.rows for hot in self.generation.hot}

    def partitions(self) -> dict[tuple[str, str], Path]:
        """Its Parquet by table and hash."""
        return {
            (table.name, partition.sha256): self.folder / partition.path
            for table in self.generation.tables
            for partition in table.partitions
            if partition.path
        }


def previous_of(folders: GenerationFolders) -> Previous | None:
    """The generation in force; None before the first."""
    current = folders.current_id()
    if current is None or not folders.folder(current).is_dir():
        return None
    return Previous(folders.folder(current), read_generation(folders.folder(current)))


class Stage:
    """One generation in the making: `folder` becomes it, `inputs` is thrown away."""

    def __init__(self, work: Path, plan: Plan, lake: Lake, limits: DuckLimits, previous: Previous | None) -> None:
        self.folder = work / "generation"
        self._inputs = work / "inputs"
        self._plan = plan
        self._lake = lake
        self._limits = limits
        self._previous = previous
        self._carried = previous.partitions() if previous else {}
        self._hot_rows: dict[str, int] = {}

    def fill(self, built_at: datetime) -> Generation:
        """Make every file and sync it; raises what `link_partition` and DuckDB raise."""
        self.folder.mkdir()
        # Hot tables read the Parquet that is linked here, so rooms come after tables.
        tables = tuple(self._table(planned) for planned in self._plan.tables)
        generation = Generation(
            id=self._plan.id,
            inputs_sha256=self._plan.inputs_sha256,
            engine=self._plan.engine,
            built_at=built_at,
            rooms=tuple(self._room(room) for room in self._plan.native_rooms),
            tables=tables,
            hot=tuple(self._described(planned) for planned in self._plan.hot),
        )
        write_synced(self.folder / LOCK_FILE, b"", mode=READ_ONLY)
        write_synced(self.folder / FILE_NAME, generation.to_json(), mode=READ_ONLY)
        for folder in [*(each for each in self.folder.rglob("*") if each.is_dir()), self.folder]:
            sync_folder(folder)
        return generation

    def _room(self, room: str) -> RoomFile:
        file = self.folder / room_file_name(room)
        inputs_sha256 = self._plan.room_sha256(room)
        carried = self._previous.room_file(room, inputs_sha256) if self._previous else None
        if carried and self._previous:
            link(carried, file)
            self._hot_rows |= self._previous.hot_rows()
        else:
            self._hot_rows |= self._written(room, file)
        return RoomFile(room=room, path=file.name, inputs_sha256=inputs_sha256, size_bytes=file.stat().st_size)

    def _written(self, room: str, file: Path) -> dict[str, int]:
        """Make the room's file; gives the rows of its hot tables."""
        native = self._plan.native_tables(room)
        hot = self._plan.hot_tables(room)
        read = {planned.table.name: planned for each in hot for planned in each.reads}
        lake = {name: self._files(planned) for name, planned in read.items()}
        scans = [Scan(planned.table, tuple(self._files(planned).values())) for planned in native]
        return write_room_file(file, scans, self._limits, [each.hot for each in hot], lake)

    def _files(self, planned: PlannedTable) -> dict[date, Path]:
        """The table's days: those that the generation links, or links of our own while they are copied."""
        return {manifest.day: self._file(planned, manifest) for manifest in planned.manifests}

    def _file(self, planned: PlannedTable, manifest: Manifest) -> Path:
        if not planned.table.is_native:
            return self.folder / partition_path(manifest)
        file = self._inputs / partition_path(manifest)
        if not file.exists():
            link_partition(self._lake, planned.table, manifest, file)
        return file

    def _described(self, planned: PlannedHot) -> HotTableRows:
        table = planned.hot.table
        return HotTableRows(
            name=table.name,
            room=table.room,
            grain=table.grain,
            made_for=table.partition,
            version=table.version,
            columns=described_columns(table),
            rows=self._hot_rows[table.name],
        )

    def _table(self, planned: PlannedTable) -> TableFiles:
        table = planned.table
        # In the order of the days, so that the same days give the same description.
        forms = tuple(dict.fromkeys(each.schema for each in planned.manifests)) if table.is_evolving else ()
        return TableFiles(
            name=table.name,
            room=table.room,
            grain=table.grain,
            partition=table.partition,
            version=table.version,
            is_native=table.is_native,
            columns=described_columns(table),
            partitions=tuple(self._partition(planned, manifest, forms) for manifest in planned.manifests),
            forms=forms,
            personal=table.personal,
        )

    def _partition(self, planned: PlannedTable, manifest: Manifest, forms: tuple[Schema, ...]) -> PartitionFile:
        path = None if planned.table.is_native else partition_path(manifest)
        if path:
            carried = self._carried.get((manifest.table, manifest.sha256))
            if carried:
                link(carried, self.folder / path)
            else:
                link_partition(self._lake, planned.table, manifest, self.folder / path)
        return PartitionFile(
            day=manifest.day,
            rows=manifest.rows,
            size_bytes=manifest.size_bytes,
            sha256=manifest.sha256,
            path=str(path) if path else None,
            form=forms.index(manifest.schema) if forms else 0,
        )
