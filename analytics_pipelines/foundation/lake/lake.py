"""The lake itself: which partitions there are, reading them, replacing one."""

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path

import polars as pl
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from analytics_pipelines.foundation.duck import Duck, DuckLimits
from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.files import disk_errors, locked
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.lake.manifest import FILE_NAME, Manifest, read_manifest
from analytics_pipelines.foundation.lake.partition import PARTITION, Partition
from analytics_pipelines.foundation.lake.pins import pinned
from analytics_pipelines.foundation.lake.releases import Releases
from analytics_pipelines.foundation.lake.stage import Staged, staged
from analytics_pipelines.foundation.lake.together import DEFAULT_WAIT_S, TogetherRun, together
from analytics_pipelines.foundation.lake.workspace import sweep, workspace
from analytics_pipelines.foundation.select import Scan, Select, Version
from analytics_pipelines.foundation.tables import ColumnType, Decimal, Table, Type

LOCK_WAIT_S = 30.0
POLARS_TYPES: dict[ColumnType, pl.DataType] = {
    Type.TEXT: pl.String(),
    Type.BYTES: pl.Binary(),
    Type.BOOL: pl.Boolean(),
    Type.INT: pl.Int64(),
    Type.INT32: pl.Int32(),
    Type.DOUBLE: pl.Float64(),
    Type.DATE: pl.Date(),
    Type.FLOAT: pl.Float32(),
    Type.TIME: pl.Time(),
    Type.TIMESTAMP: pl.Datetime("us", "UTC"),
    Type.LOCAL_TIMESTAMP: pl.Datetime("us"),
}


def polars_type(declared: ColumnType) -> pl.DataType:
    """What Polars calls the type."""
    return pl.Decimal(declared.precision, declared.scale) if isinstance(declared, Decimal) else POLARS_TYPES[declared]


class Lake:
    """`<root>/<table>/date=YYYY-MM-DD/data.parquet`, each partition replaced as a whole."""

    def __init__(self, home: Home, duck: Duck) -> None:
        self.root = home.lake
        self.duck = duck
        self._staging = home.staging
        self._locks = home.locks
        self._releases = Releases.of(home)
        self._is_swept = False

    @staticmethod
    def at(home: Home, limits: DuckLimits) -> "Lake":
        """The lake of that home with a DuckDB instance of its own."""
        return Lake(home, Duck(limits))

    def folder(self, table: Table, day: date) -> Path:
        """Where a partition lies."""
        return self._partition(table.name, day).folder

    def file(self, table: Table, day: date) -> Path:
        """The one Parquet file of a partition."""
        return self._partition(table.name, day).file

    def lock_file(self, table: Table, day: date) -> Path:
        """The advisory lock of a partition."""
        return self._lock_file(table.name, day)

    def days(self, table: Table) -> list[date]:
        """Days that were published, in order."""
        found = (self.root / table.name).glob(PARTITION + "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]/" + FILE_NAME)
        return sorted(date.fromisoformat(file.parent.name.removeprefix(PARTITION)) for file in found)

    def manifest(self, table: Table, day: date) -> Manifest | None:
        """What a partition holds, or None where nothing was published."""
        return self._partition(table.name, day).manifest

    def manifests(self, table: Table) -> list[Manifest]:
        """Manifests of all its days, in order."""
        return [found for day in self.days(table) if (found := self.manifest(table, day))]

    def scan(self, table: Table, days: Iterable[date]) -> Scan:
        """The partitions of these days that exist, as a source for a SELECT."""
        found = [manifest for day in sorted(set(days)) if (manifest := self.manifest(table, day))]
        files = tuple(self.file(table, manifest.day) for manifest in found)
        schemas = tuple((manifest.version, manifest.schema) for manifest in found) if table.is_evolving else ()
        return Scan(table, files, tuple(manifest.version for manifest in found), schemas)

    def lazy(self, table: Table, days: Iterable[date]) -> pl.LazyFrame:
        """The same as a Polars lazy frame, with the declared columns even when no day exists."""
        files = self.scan(table, days).files
        if files:
            return pl.scan_parquet(list(files), hive_partitioning=False)
        return pl.LazyFrame(schema={column.name: polars_type(column.type) for column in table.columns})

    def relation(self, cursor: DuckDBPyConnection, table: Table, days: Iterable[date]) -> DuckDBPyRelation:
        """The same as a DuckDB relation, read when it is asked; it lives as long as its cursor."""
        return cursor.sql(self.scan(table, days).sql().text)

    @contextmanager
    def stage(self, table: Table, day: date, select: Select) -> Iterator[Staged]:
        """Run a SELECT into files that are checked and not yet published.

        Raises `Conflict` when an input was replaced since it was scanned, `DiskFull` when no space is left.
        """
        self._sweep_once()
        with (
            disk_errors(),
            workspace(self._staging) as folder,
            self.duck.cursor() as cursor,
        ):
            yield staged(cursor, table, day, pinned(select, folder, self._link), Partition(folder))

    def publish(self, table: Table, work: Staged) -> Manifest:
        """Swap staged data and manifest in; an identical partition is left alone.

        A table that changes together with others gets its new partition by a release of its own. Raises `CheckFailed`,
        or `Conflict` when another writer keeps the partition locked.
        """
        work.must_pass()
        if self._releases.holds(table.name):
            with self.together() as run:
                return run.publish([work])[0]
        day = work.manifest.day
        with disk_errors(), locked(self.lock_file(table, day), wait_s=LOCK_WAIT_S):
            self._partition(table.name, day).take_over(work.partition, work.manifest)
        return work.manifest

    def replace(self, table: Table, day: date, select: Select) -> Manifest:
        """Stage, check and publish in one go."""
        with self.stage(table, day, select) as work:
            return self.publish(table, work)

    def together(self, *, wait_s: float = DEFAULT_WAIT_S) -> AbstractContextManager[TogetherRun]:
        """A run that publishes partitions of several tables at one instant; raises `Conflict` while another goes on."""
        return together(self._releases, self.duck, wait_s=wait_s)

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """While it is held, tables that are published together stay as they are: for reading several of one moment.

        Raises `Conflict` when a run publishes for longer than anybody should wait.
        """
        with locked(self._releases.swap_lock, wait_s=LOCK_WAIT_S, shared=True):
            yield

    def sweep_staging(self) -> None:
        """Remove what killed writers left; a swap that was cut between data and manifest is finished."""
        sweep(self._staging, self._settle)

    def _partition(self, table_name: str, day: date) -> Partition:
        return Partition(self.root / table_name / (PARTITION + day.isoformat()))

    def _lock_file(self, table_name: str, day: date) -> Path:
        """One lock for all that turns at once, else one a partition."""
        if self._releases.holds(table_name):
            return self._releases.swap_lock
        return self._locks / (table_name + "." + day.isoformat() + ".lock")

    def _sweep_once(self) -> None:
        if not self._is_swept:
            self._is_swept = True
            self.sweep_staging()

    def _settle(self, abandoned: Path) -> None:
        try:
            manifest = read_manifest(abandoned)
        except ValueError:
            return  # its writer was killed as it wrote the manifest, which is before it swaps anything
        if manifest:
            with locked(self._lock_file(manifest.table, manifest.day), wait_s=LOCK_WAIT_S):
                self._partition(manifest.table, manifest.day).settle(Partition(abandoned), manifest)

    def _link(self, version: Version, target: Path) -> None:
        """Link the file of exactly that version; no writer swaps it meanwhile."""
        partition = self._partition(version.table, version.day)
        with locked(self._lock_file(version.table, version.day), wait_s=LOCK_WAIT_S, shared=True):
            if partition.manifest is None or partition.manifest.version != version:
                raise Conflict(
                    version.table + " of " + version.day.isoformat() + " was replaced before it was read.",
                    remedy="Run it again.",
                )
            os.link(partition.file, target)
