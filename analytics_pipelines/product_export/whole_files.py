"""Whole tables as one Parquet file each, beside the lake, for tools that know no partitions.

`users_analytics.parquet -> .current/users_analytics.parquet` and `.current -> .runs/<id>`: the files of a run turn
together, when a rename replaces `.current`. The folder may lie on another file system than the lake.
"""

import errno
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.files import disk_errors, make_folders, sync_file, sync_folder
from analytics_pipelines.foundation.lake import Lake, Manifest
from analytics_pipelines.foundation.lake.stage import COPY, READ_ONLY, ROW_GROUP_ROWS
from analytics_pipelines.foundation.lake.workspace import sweep, workspace
from analytics_pipelines.foundation.parquet_join import joined_files
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.foundation.united import united_rows, united_table
from analytics_pipelines.product_export.current import BrokenHistory
from analytics_pipelines.product_export.replay import replayed
from analytics_pipelines.product_export.wishes import Mode

RUNS, CURRENT = ".runs", ".current"
ENDING = "_analytics.parquet"


def write_whole_files(settings: Settings, lake: Lake, tables: Iterable[Table]) -> list[str]:
    """Replace the files of these `raw_app__` tables by what the lake holds of them; the names of the files.

    A file holds the source's rows as of the newest export: of a table that is appended to, all of its days. To be
    called while the run that published them goes on, so that no other one comes between two tables. Raises
    `DiskFull`; then all files are as they were.
    """
    chosen = [table for table in tables if lake.days(table)]
    if not chosen:
        return []
    folder = WholeFiles(settings.parquet_folder)
    with disk_errors():
        folder.sweep()
        with workspace(folder.runs) as work:
            written = {_file_name(table): _written(lake, table, work) for table in chosen}
            folder.publish(written, work)
        folder.sweep()
    return sorted(written)


@dataclass(frozen=True, slots=True)
class WholeFiles:
    """The folder that people read, and the runs behind it."""

    root: Path

    @property
    def runs(self) -> Path:
        """`<id>/` for the run in force, and unfinished ones."""
        return self.root / RUNS

    @property
    def current(self) -> Path | None:
        """The run in force, or None before the first."""
        with suppress(FileNotFoundError):
            return self.runs / (self.root / CURRENT).readlink().name
        return None

    def publish(self, files: Mapping[str, Path], work: Path) -> None:
        """Put a run into force that has these files; those of the run before that it does not name stay."""
        make_folders(self.root)
        found = {name: self.root / name for name in files if self._is_file(name)}
        if found:  # of an older version, which wrote files in place of links
            self._put_in_force({**self._kept(), **found}, work / "adopted")
        for name in files:
            self._link(name, work)
        self._put_in_force({**self._kept(), **files}, work / "run")

    def sweep(self) -> None:
        """Remove what is not in force any more."""
        sweep(self.runs, lambda _: None)
        current = self.current
        for folder in self.runs.iterdir() if self.runs.is_dir() else ():
            if folder != current and not folder.name.endswith(".writing"):
                shutil.rmtree(folder)

    def _kept(self) -> dict[str, Path]:
        current = self.current
        return {file.name: file for file in current.iterdir()} if current else {}

    def _is_file(self, name: str) -> bool:
        return (self.root / name).is_file() and not (self.root / name).is_symlink()

    def _link(self, name: str, work: Path) -> None:
        if (self.root / name).is_symlink():
            return
        link = work / (name + ".link")
        link.symlink_to(Path(CURRENT) / name)
        os.replace(link, self.root / name)

    def _put_in_force(self, files: Mapping[str, Path], made: Path) -> None:
        made.mkdir()
        for name, file in files.items():
            os.link(file, made / name)
        sync_folder(made)
        run = self.runs / f"{now():%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
        made.rename(run)
        sync_folder(self.runs)
        link = made.with_suffix(".link")
        link.symlink_to(Path(RUNS) / run.name)
        os.replace(link, self.root / CURRENT)
        sync_folder(self.root)


def _file_name(table: Table) -> str:
    return table.name.removeprefix("raw_app__") + ENDING


def _written(lake: Lake, table: Table, work: Path) -> Path:
    """One synced file in `work` with the table's rows."""
    target = work / _file_name(table)
    manifests = lake.manifests(table)
    newest = manifests[-1]
    mode = (newest.source or {}).get("mode", Mode.FULL)
    if mode == Mode.INCREMENTAL:
        _copy(lake, replayed(lake, table, newest.day), target)
    elif mode == Mode.FULL or len(manifests) == 1:
        _same_bytes(lake.file(table, newest.day), target)
    else:
        _join(lake, table, manifests, target)
    target.chmod(READ_ONLY)
    sync_file(target)
    return target


def _join(lake: Lake, table: Table, manifests: Sequence[Manifest], target: Path) -> None:
    try:
        joined_files([lake.file(table, manifest.day) for manifest in manifests], target)
    except ValueError:  # of different columns, or written by different engines
        _copy(lake, _united(lake, table, manifests), target)


def _copy(lake: Lake, rows: Select | None, target: Path) -> None:
    if rows is None:
        raise BrokenHistory("The state of the newest day can not be told.", remedy="Export the table once more.")
    with lake.duck.cursor() as cursor:
        rows.mount(cursor)
        copy = COPY.fill(query=rows.sql, file=literal(str(target)), rows=Sql(str(ROW_GROUP_ROWS)))
        cursor.execute(copy.text, dict(rows.values) or None)


def _united(lake: Lake, table: Table, manifests: Sequence[Manifest]) -> Select:
    """Days of different columns as one table, in which every value keeps its digits."""
    shape = united_table(table, [manifest.schema for manifest in manifests])
    columns = [(column.name, column.type.value) for column in shape.columns]
    return Select(united_rows(columns, [(str(lake.file(table, each.day)), each.schema) for each in manifests]))


def _same_bytes(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copyfile(source, target)
