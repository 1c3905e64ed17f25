"""Which snapshots a question is about: one day for each share, by default the newest of each.

Questions read their rows from here: of the newest snapshots from hot tables, of older ones from that day's Parquet,
with the same columns.

    these = chosen(lease, "2026-03-01", share="home")
    folder = these.folder("/home/ada")[0]
    lease.rows(Size, Sql("SELECT ... FROM ({folders}) AS folders WHERE ...").fill(folders=these.folders()), ...)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from analytics_pipelines.foundation.errors import NotFound
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import Sql, from_file, joined, literal, names
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.storage_snapshots.ask.folder_index import FolderIndex, folder_index
from analytics_pipelines.storage_snapshots.ask.paths import normal_path, path_key
from analytics_pipelines.storage_snapshots.hot import shapes
from analytics_pipelines.storage_snapshots.hot.newest import NEEDED, scan_of
from analytics_pipelines.storage_snapshots.hot.tables import CHILDREN, FOLDERS, LARGEST, NAMES, TYPES
from analytics_pipelines.storage_snapshots.layout import BadShareName, BadSnapshotDate, share_name, snapshot_date
from analytics_pipelines.storage_snapshots.tables import (
    DIRECTORIES,
    DIRECTORY_BANDS,
    DIRECTORY_TYPES,
    ENTRIES,
    SNAPSHOTS,
)

LATEST = "latest"
__all__ = [
    "LATEST",
    "BadShareName",
    "BadSnapshotDate",
    "Chosen",
    "Folder",
    "NoSnapshots",
    "ShareSnapshot",
    "UnknownPath",
    "UnknownShare",
    "UnknownSnapshot",
    "chosen",
    "published_snapshots",
]


class NoSnapshots(NotFound):
    """No snapshot is published."""


class UnknownSnapshot(NotFound):
    """There is no snapshot of that day."""


class UnknownShare(NotFound):
    """No share has that name, or it has no snapshot of that day."""


class UnknownPath(NotFound):
    """No folder of the chosen snapshots has that path."""


@dataclass(frozen=True, slots=True)
class ShareSnapshot:
    """One share's snapshot: its day, its root, and the time from which ages are measured."""

    share: str
    day: date
    root_path: str
    taken_at: datetime
    is_newest: bool


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a folder stands in a share: `pre` to `last_pre` are it and all below it."""

    share: str
    path: str
    pre: int
    last_pre: int
    parent_pre: int | None
    depth: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The snapshots that a question is about, by share; never empty."""

    lease: Lease
    snapshots: tuple[ShareSnapshot, ...]
    is_every_share: bool
    """Whether no published share is left out, so that nothing need be filtered."""

    @property
    def is_newest(self) -> bool:
        """Whether every share is asked about by its newest snapshot."""
        return all(each.is_newest for each in self.snapshots)

    @property
    def is_hot(self) -> bool:
        """Whether hot tables answer; a generation without them answers from Parquet."""
        return self.is_newest and self.lease.holds(FOLDERS.name)

    @property
    def index(self) -> FolderIndex | None:
        """Folders in memory, where hot tables answer and they are not too many; of every share, chosen or not."""
        return folder_index(self.lease) if self.is_hot else None

    def folders(self, *columns: str) -> Sql:
        """A SELECT of the columns of `hot.tables.FOLDERS`, of exactly the chosen snapshots.

        A folder is found at once by `path_key = $key AND path = $path` (`paths.path_key`), in older snapshots too.
        Here as in the others, naming the few `columns` that are needed saves a millisecond of planning.
        """
        return self._rows(FOLDERS, columns, lambda: shapes.folders(self.scan(DIRECTORIES), self.scan(DIRECTORY_BANDS)))

    def children(self, *columns: str) -> Sql:
        """A SELECT of the columns of `hot.tables.CHILDREN`.

        A listing is `share = $share AND parent_pre = $pre`, all below a folder `share = $share AND parent_pre BETWEEN
        $pre AND $last_pre`. In older snapshots, `AND pre BETWEEN $pre AND $last_pre` keeps other rows unread.
        """
        return self._rows(CHILDREN, columns, lambda: shapes.children(self.scan(ENTRIES), self.scan(DIRECTORIES)))

    def names(self, *columns: str) -> Sql:
        """A SELECT of the columns of `hot.tables.NAMES`; `position` and `block` are null for older snapshots."""
        return self._rows(NAMES, columns, lambda: shapes.names(self.scan(ENTRIES)))

    def largest(self, *columns: str) -> Sql:
        """A SELECT of the columns of `hot.tables.LARGEST`."""
        return self._rows(LARGEST, columns, lambda: shapes.largest(self.scan(ENTRIES)))

    def types(self, *columns: str) -> Sql:
        """A SELECT of the columns of `hot.tables.TYPES`."""
        return self._rows(TYPES, columns, lambda: self.scan(DIRECTORY_TYPES))

    def scan(self, table: Table) -> Sql:
        """A SELECT of a lake table's columns, of exactly the chosen snapshots, from Parquet (or a native table)."""
        shares: dict[date, list[str]] = {}
        for each in self.snapshots:
            shares.setdefault(each.day, []).append(each.share)
        return scan_of(table, shares, lambda day: self.lease.scan(table.name, day, day))

    def folder(self, path: str) -> tuple[Folder, ...]:
        """The folder of that path, in each share that has it, by share.

        Raises `BadPath`, and `UnknownPath` when no chosen snapshot has such a folder.
        """
        wanted = normal_path(path)
        columns = ("share", "path", "pre", "last_pre", "parent_pre", "depth")
        index = self.index
        if index is not None:
            found = [Folder(**row) for row in index.rows(wanted, {each.share for each in self.snapshots}, columns)]
        elif self.is_hot:
            query = from_file(__package__, "hot_folder").fill(folders=self.folders("path_key", *columns))
            found = self.lease.rows(Folder, query, path=wanted, key=path_key(wanted))
        else:
            query = from_file(__package__, "folder").fill(folders=self.scan(DIRECTORIES))
            found = self.lease.rows(Folder, query, path=wanted)
        if not found:
            raise UnknownPath("No folder has the path " + wanted + ".", remedy="/api/snapshots names the shares.")
        return tuple(sorted(found, key=lambda folder: folder.share))  # an ORDER BY doubles the cost of one row

    def _rows(self, table: Table, columns: tuple[str, ...], older: Callable[[], Sql]) -> Sql:
        wanted = names(columns) if columns else Sql("*")
        if not self.is_hot:
            return Sql("SELECT {columns} FROM ({older}) AS older").fill(columns=wanted, older=older())
        text = Sql(
            "SELECT {columns} FROM {table}" if self.is_every_share else "SELECT {columns} FROM {table} WHERE {kept}"
        )
        shares = joined(literal(each.share) for each in self.snapshots)
        return text.fill(
            columns=wanted,
            table=self.lease.table(table.name),
            kept=Sql("share IN ({shares})").fill(shares=shares),
        )


def chosen(lease: Lease, snapshot: str = LATEST, share: str | None = None) -> Chosen:
    """The snapshots of that day, or the newest of each share; of one share, or of all.

    Raises `BadSnapshotDate`, `BadShareName`, `NoSnapshots`, `UnknownSnapshot`, `UnknownShare`.
    """
    day = None if snapshot == LATEST else snapshot_date(snapshot)
    wanted = share_name(share) if share is not None else None
    published = published_snapshots(lease)
    if not published:
        raise NoSnapshots("No snapshot is published yet.", remedy="Scan a share into SNAPSHOTS_PATH.")
    of_day = [each for each in published if (each.is_newest if day is None else each.day == day)]
    if not of_day:
        raise UnknownSnapshot("There is no snapshot of " + snapshot + ".", remedy="/api/snapshots lists the days.")
    kept = [each for each in of_day if wanted in {None, each.share}]
    if not kept:
        raise _no_share(wanted or "", None if day is None else snapshot)
    shares = {each.share for each in published}
    return Chosen(lease, tuple(kept), is_every_share=shares == {each.share for each in kept})


def published_snapshots(lease: Lease) -> tuple[ShareSnapshot, ...]:
    """Every snapshot of the generation, by share and day; read once for each lease."""
    return lease.remembered("storage_snapshots.published", _published)


def _published(lease: Lease) -> tuple[ShareSnapshot, ...]:
    if not lease.holds(SNAPSHOTS.name):
        return ()
    days = set.intersection(*(set(lease.days(table.name, date.min, date.max)) for table in NEEDED))
    found = [each for each in lease.tuples(from_file(__package__, "published")) if each[1] in days]
    newest = {share: day for share, day, _, _ in found}
    return tuple(
        ShareSnapshot(share, day, root_path, taken_at, is_newest=newest[share] == day)
        for share, day, root_path, taken_at in found
    )


def _no_share(share: str, day: str | None) -> UnknownShare:
    when = " on " + day if day else ""
    return UnknownShare("No share " + repr(share) + " has a snapshot" + when + ".", remedy="/api/snapshots names them.")
