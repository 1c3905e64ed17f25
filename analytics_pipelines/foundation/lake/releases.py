"""Releases: all partitions of tables that change together, and the pointer to the release in force.

`exports/<id>/<table>/date=YYYY-MM-DD/` is complete from the moment it has that name and never changes; what a release
does not replace it carries forward by hard link. `exports/current` is a symbolic link that a rename replaces, and
`lake/<table>` is one to `../exports/current/<table>`: every table turns at the same instant. The release before stays
for readers who resolved the pointer (`realpath exports/current`) to read several tables as of one moment.
"""

import ctypes
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.files import locked, make_folders, sync_folder
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.lake.partition import Partition

CURRENT, PREVIOUS, STAGING = "current", "previous", ".staging"
SWAP_WAIT_S = 30.0
PARTITIONS = "date=*"
AT_WORKING_FOLDER, EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of renameat2(2), which Python has no name for."""
MOST_SYNCED_SINGLY = 100
Place = tuple[str, str]
"""Names of a table and of one of its partitions' folders."""


@dataclass(frozen=True, slots=True)
class Releases:
    """Where releases lie; `lake` holds the names under which everybody reads them."""

    root: Path
    lake: Path
    locks: Path

    @staticmethod
    def of(home: Home) -> "Releases":
        """Those of a home."""
        return Releases(home.exports, home.lake, home.locks)

    @property
    def staging(self) -> Path:
        """Work that is not finished, apart from the lake's own, which others wait for."""
        return self.root / STAGING

    @property
    def run_lock(self) -> Path:
        """Held by whoever makes a release, from the first row that it reads."""
        return self.locks / "exports.lock"

    @property
    def swap_lock(self) -> Path:
        """Held for the instant of the swap; shared by those who link what they found in a manifest."""
        return self.locks / "exports_swap.lock"

    @property
    def current(self) -> Path | None:
        """The release in force, or None before the first."""
        return self._target(CURRENT)

    def holds(self, table_name: str) -> bool:
        """Whether the lake's table is one of a release."""
        return (self.lake / table_name).is_symlink()

    def publish(self, partitions: Mapping[Place, Partition], workspace: Path) -> None:
        """Put a release into force that has these partitions instead of theirs, and all others as they were."""
        tables = sorted({table for table, _ in partitions})
        self._adopt([table for table in tables if self._is_folder(table)], workspace)
        for table in tables:
            self._make_link(table, workspace)
        self._put_in_force(self._built(workspace / "release", self.partitions(), partitions))

    def partitions(self) -> dict[Place, Partition]:
        """All partitions of the release in force."""
        current = self.current
        return {} if current is None else dict(_partitions(folder for folder in current.iterdir()))

    def sweep(self) -> None:
        """Remove every release but the one in force and the one before; only while holding the run's lock."""
        kept = {self._target(CURRENT), self._target(PREVIOUS)}
        for folder in self.root.iterdir() if self.root.is_dir() else ():
            if folder.is_dir() and not folder.is_symlink() and folder.name != STAGING and folder not in kept:
                shutil.rmtree(folder)

    def _is_folder(self, table: str) -> bool:
        return (self.lake / table).is_dir() and not self.holds(table)

    def _adopt(self, tables: list[str], workspace: Path) -> None:
        """Turn real folders of the lake into links to a release with the very same partitions."""
        if not tables:
            return
        found = dict(_partitions(self.lake / table for table in tables))
        self._put_in_force(self._built(workspace / "adopted", self.partitions() | found, {}))
        for table in tables:
            _exchange(self._link_of(table, workspace), self.lake / table)
        sync_folder(self.lake)

    def _make_link(self, table: str, workspace: Path) -> None:
        """The lake's name of a table; until the release is in force it leads nowhere and a glob finds nothing."""
        if self.holds(table):
            return
        make_folders(self.lake)
        os.replace(self._link_of(table, workspace), self.lake / table)
        sync_folder(self.lake)

    def _link_of(self, table: str, workspace: Path) -> Path:
        link = workspace / (table + ".link")
        link.symlink_to(Path(os.path.relpath(self.root, self.lake)) / CURRENT / table)
        return link

    def _built(self, release: Path, kept: Mapping[Place, Partition], new: Mapping[Place, Partition]) -> Path:
        """The folder of a release, synced; new partitions are moved in, all others are linked."""
        release.mkdir()
        for place in sorted({*kept, *new}):
            folder = release.joinpath(*place)
            folder.mkdir(parents=True)
            if place in new:
                _move(new[place], kept.get(place), Partition(folder))
            else:
                _link(kept[place], Partition(folder))
        _sync_tree(release, len(kept) + len(new))
        return release

    def _put_in_force(self, release: Path) -> None:
        make_folders(self.root)
        before = self.current
        installed = self.root / f"{now():%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
        release.rename(installed)
        sync_folder(self.root)
        with locked(self.swap_lock, wait_s=SWAP_WAIT_S):
            if before is not None:
                self._point(PREVIOUS, before.name, release.parent)
            self._point(CURRENT, installed.name, release.parent)

    def _point(self, pointer: str, name: str, workspace: Path) -> None:
        link = workspace / (pointer + ".link")
        link.symlink_to(name)
        os.replace(link, self.root / pointer)
        sync_folder(self.root)

    def _target(self, pointer: str) -> Path | None:
        try:
            return self.root / (self.root / pointer).readlink().name
        except FileNotFoundError:
            return None


def _exchange(link: Path, folder: Path) -> None:
    """Give each the other's name, at one instant where the system can; else one after the other."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    here, there = os.fsencode(link), os.fsencode(folder)
    if renameat2 is None or renameat2(AT_WORKING_FOLDER, here, AT_WORKING_FOLDER, there, EXCHANGE):
        folder.rename(link.with_suffix(".adopted"))
        os.replace(link, folder)


def _sync_tree(release: Path, partitions: int) -> None:
    """Flush all names below to the disk: those of many folders by syncfs(2), which costs once what each would."""
    descriptor = os.open(release, os.O_RDONLY | os.O_DIRECTORY)
    try:
        syncfs = getattr(ctypes.CDLL(None), "syncfs", None) if partitions > MOST_SYNCED_SINGLY else None
        if syncfs is None or syncfs(descriptor):
            for folder in (*release.glob("*/*"), *release.iterdir(), release):
                sync_folder(folder)
    finally:
        os.close(descriptor)


def _partitions(tables: Iterable[Path]) -> Iterator[tuple[Place, Partition]]:
    for table in tables:
        for folder in table.glob(PARTITIONS):
            yield (table.name, folder.name), Partition(folder)


def _link(source: Partition, target: Partition) -> None:
    for old, new in ((source.file, target.file), (source.manifest_file, target.manifest_file)):
        if old.exists():
            os.link(old, new)


def _move(staged: Partition, before: Partition | None, target: Partition) -> None:
    """Bytes that were there already stay the same file, so that those who linked it need no other."""
    manifest = staged.manifest
    if before is not None and manifest is not None and before.holds(manifest):
        os.link(before.file, target.file)
    else:
        os.replace(staged.file, target.file)
    os.replace(staged.manifest_file, target.manifest_file)
