"""Takes the day's snapshot files into the lake: house names, typed, in pre-order, whoever wrote them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analytics_pipelines.foundation.errors import BadInput, SetupError
from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.foundation.select import ParquetFiles, Select, Version
from analytics_pipelines.foundation.sql import Sql, from_file, joined, literal, name
from analytics_pipelines.storage_snapshots.layout import SnapshotFile, snapshots_of, told_sha256

ALLOCATED = "allocated_bytes"
ALIASES: Mapping[str, tuple[str, ...]] = {
    "path": ("path", "full_path"),
    "path_raw": ("path_raw",),
    "name": ("name", "filename"),
    "parent_path": ("parent_path", "parent"),
    "depth": ("depth",),
    "type": ("type",),
    "extension": ("extension", "ext"),
    "size_bytes": ("size", "size_bytes"),
    ALLOCATED: ("size_du", "allocated_bytes"),
    "blocks": ("blocks",),
    "accessed_at": ("atime", "accessed_at"),
    "modified_at": ("mtime", "modified_at"),
    "changed_at": ("ctime", "changed_at"),
    "born_at": ("btime", "born_at"),
    "mode": ("mode",),
    "uid": ("uid",),
    "gid": ("gid",),
    "owner_name": ("owner", "owner_name"),
    "group_name": ("group", "group_name"),
    "device": ("dev", "device"),
    "inode": ("ino", "inode"),
    "link_count": ("nlink", "link_count"),
    "link_target": ("linkname", "link_target"),
    "error": ("error",),
}
CASTS: Mapping[str, str] = {
    "path_raw": "BLOB",
    "depth": "INTEGER",
    "size_bytes": "BIGINT",
    ALLOCATED: "BIGINT",
    "blocks": "BIGINT",
    "accessed_at": "TIMESTAMP WITH TIME ZONE",
    "modified_at": "TIMESTAMP WITH TIME ZONE",
    "changed_at": "TIMESTAMP WITH TIME ZONE",
    "born_at": "TIMESTAMP WITH TIME ZONE",
    "mode": "INTEGER",
    "uid": "BIGINT",
    "gid": "BIGINT",
    "device": "DECIMAL(38, 0)",
    "inode": "DECIMAL(38, 0)",
    "link_count": "BIGINT",
}
REQUIRED = ("path", "type")


class NoSnapshotsFolder(SetupError):
    """`SNAPSHOTS_PATH` names a folder that is not there."""


class BrokenSnapshot(BadInput):
    """A snapshot's file can not be read, or is not the one that its manifest describes."""


@dataclass(frozen=True, slots=True)
class Received:
    """A snapshot file that can be read: its columns, and its bytes' hash."""

    file: SnapshotFile
    columns: frozenset[str]
    sha256: str

    @property
    def view(self) -> str:
        """Name under which the SELECT reads it."""
        return "received " + self.file.share

    @property
    def source(self) -> ParquetFiles:
        """The file, known among a partition's inputs by its share."""
        version = Version("snapshot:" + self.file.share, self.file.day, self.sha256)
        return ParquetFiles((self.file.parquet,), (version,))

    def renamed(self) -> Sql:
        """A SELECT of its rows under house names; what it lacks is null. Share and day are those of its path."""
        columns = joined(self._column(column, aliases) for column, aliases in ALIASES.items())
        text = Sql("SELECT {share} AS share, CAST({day} AS DATE) AS snapshot_date, {columns} FROM {view}")
        day = literal(self.file.day.isoformat())
        return text.fill(share=literal(self.file.share), day=day, columns=columns, view=name(self.view))

    def counted(self) -> Sql:
        """The number of its rows."""
        return Sql("(SELECT count(*) FROM {view})").fill(view=name(self.view))

    def _column(self, column: str, aliases: tuple[str, ...]) -> Sql:
        source = next((name(alias) for alias in aliases if alias in self.columns), Sql("NULL"))
        text = Sql("CAST({source} AS {type}) AS {name}")
        return text.fill(source=source, type=Sql(CASTS.get(column, "VARCHAR")), name=name(column))


def received_entries(snapshots_folder: Path, day: date) -> Select | None:
    """Rows of `raw_fs__entries`: every share that was scanned as of the day.

    None where the day has no snapshot, so that a backfill passes over it and it never looks like a deletion. A
    snapshot needs no manifest of ours. Raises `BrokenSnapshot` when one of the day's files can not be trusted.
    """
    found = [received(file) for file in snapshots_of(snapshots_folder, day)]
    if not found:
        return None
    rows = joined((each.renamed() for each in found), " UNION ALL ")
    counts = joined((each.counted() for each in found), " + ")
    return Select(
        from_file(__package__, "entries").fill(received=rows),
        reads={each.view: each.source for each in found},
        expected_rows=Sql("SELECT {counts}").fill(counts=counts),
    )


def existing(snapshots_folder: Path) -> Path:
    """The folder again; raises `NoSnapshotsFolder` when it is not one, an unmounted disk for instance."""
    if snapshots_folder.is_dir():
        return snapshots_folder
    raise NoSnapshotsFolder(
        "SNAPSHOTS_PATH does not name a folder.", remedy="Mount or make it, or unset SNAPSHOTS_PATH."
    )


def received(file: SnapshotFile) -> Received:
    """The file with its columns; raises `BrokenSnapshot` that names share and day."""
    where = f"The snapshot of {file.share!r} on {file.day}"
    sha256 = sha256_of(file.parquet)
    if told_sha256(file) not in {None, sha256}:
        raise BrokenSnapshot(where + " is not the file that its manifest describes.", remedy="Scan the share again.")
    columns = _columns(file.parquet, where)
    missing = [column for column in REQUIRED if columns.isdisjoint(ALIASES[column])]
    if missing:
        raise BrokenSnapshot(
            where + " lacks columns: " + ", ".join(missing) + ".", remedy="A producer names at least path and type."
        )
    return Received(file, columns, sha256)


def _columns(file: Path, where: str) -> frozenset[str]:
    """Names of its columns; Brotli is refused, because its decoder is not safe with files of strangers."""
    try:
        metadata = pq.read_metadata(file)
    except (pa.ArrowException, OSError) as error:
        raise BrokenSnapshot(where + " is not readable Parquet.", remedy="Scan again, or remove the file.") from error
    if metadata.num_row_groups and _is_brotli(metadata.row_group(0)):
        raise BrokenSnapshot(where + " is compressed with Brotli.", remedy="Write it with zstd.")
    return frozenset(metadata.schema.to_arrow_schema().names)


def _is_brotli(rows: pq.RowGroupMetaData) -> bool:
    return any(rows.column(number).compression == "BROTLI" for number in range(rows.num_columns))
