"""Scans a folder into a snapshot: every name below it becomes a row; the snapshot exists once the scan is whole.

Paths are absolute, as text, after following links in the folder's own name: what a client of the API asks for.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.errors import BadInput, Forbidden, NotFound
from analytics_pipelines.foundation.files import locked, make_folders, move_into_place, sha256_of, sync_file
from analytics_pipelines.storage_snapshots.layout import SnapshotFile, write_errors_told
from analytics_pipelines.storage_snapshots.rows import SCHEMA, Tabulator
from analytics_pipelines.storage_snapshots.spelling import readable
from analytics_pipelines.storage_snapshots.walk import Entry, Walk

BATCH_ROWS = 50_000
BATCH_CHARACTERS = 32_000_000
EXACT = pa.decimal128(38, 0)
Progress = Callable[[int], None]


class NoSuchPath(NotFound):
    """There is nothing at the path that was to be scanned."""


class NotAFolder(BadInput):
    """What was to be scanned is a file or something else that has no names in it."""


class UnreadableRoot(Forbidden):
    """The folder that was to be scanned can not be opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What a finished scan saw; its manifest holds the same.

    `size_bytes` and `allocated_bytes` add up all names, a file of several names each time; the rollup counts it once.
    `errors` are rows whose entry could not be read whole.
    """

    share: str
    day: date
    root: str
    mode: str
    entries: int
    files: int
    directories: int
    others: int
    errors: int
    vanished: int
    other_filesystems: int
    size_bytes: int
    allocated_bytes: int
    started_at: datetime
    ended_at: datetime
    sha256: str
    file: Path

    @property
    def duration_s(self) -> float:
        """Seconds from the first name to the last byte."""
        return (self.ended_at - self.started_at).total_seconds()

    def to_json(self) -> bytes:
        """The manifest's text; its place is known from its own, so `file` is left out."""
        told = {key: value for key, value in asdict(self).items() if key != "file"}
        return json.dumps(told, default=_as_text, indent=1, sort_keys=True).encode() + b"\n"


def scan(
    path: Path,
    share: str,
    day: date,
    snapshots_folder: Path,
    *,
    progress: Progress | None = None,
    clock: Clock = now,
) -> ScanReport:
    """Write the snapshot of `share` on `day`, replacing an older one; what the folder held is in the report.

    `progress` is told the number of entries so far. Stays on one file system. Raises `BadShareName`, `NoSuchPath`,
    `NotAFolder`, `UnreadableRoot`, `NotWritable`, `DiskFull`, or `Conflict` when another scan of the share runs;
    after any of them the snapshots are as they were.
    """
    snapshot = SnapshotFile.at(snapshots_folder, share, day)
    root = scannable(path)
    with write_errors_told(), locked(snapshot.lock, wait_s=0), _staged(snapshot) as (parquet, manifest):
        started_at = clock()
        walk = Walk(root)
        counts = _written(walk, parquet, Tabulator(share, day), progress)
        os.chmod(parquet, 0o444)
        sync_file(parquet)
        report = _report(snapshot, walk, counts, (started_at, clock()), sha256_of(parquet))
        manifest.write_bytes(report.to_json())
        sync_file(manifest)
        _publish(snapshot, parquet, manifest)
    return report


def scannable(path: Path) -> str:
    """The absolute path without links in it; raises `NoSuchPath`, `NotAFolder` or `UnreadableRoot`."""
    try:
        root = os.path.realpath(path, strict=True)
        os.close(os.open(root, os.O_RDONLY | os.O_DIRECTORY))
        return root
    except FileNotFoundError:
        raise NoSuchPath(f"There is no {_shown(path)}.", remedy="Name a folder that exists.") from None
    except NotADirectoryError:
        raise NotAFolder(f"{_shown(path)} is not a folder.", remedy="Name the folder that holds it.") from None
    except OSError as error:
        raise UnreadableRoot(
            f"{_shown(path)} can not be opened: {error.strerror}.",
            remedy="Run the scan as a user who may read it, or have the disk checked.",
        ) from None


@contextmanager
def _staged(snapshot: SnapshotFile) -> Iterator[tuple[Path, Path]]:
    """Places for both files while they grow; whatever still lies there at the end is removed."""
    staged = snapshot.staged(".parquet"), snapshot.staged(".json")
    try:
        yield staged
    finally:
        for file in staged:
            file.unlink(missing_ok=True)


def _written(walk: Walk, file: Path, tabulator: Tabulator, progress: Progress | None) -> Counter[str]:
    """All rows into the file, batch by batch; sums by name of type or column."""
    counts: Counter[str] = Counter()
    with _parquet_writer(file) as writer:
        for entries in _batches(walk):
            batch = tabulator.batch(entries)
            writer.write_batch(batch)
            counts.update(_counted(batch))
            if progress:
                progress(counts["entries"])
    return counts


@contextmanager
def _parquet_writer(file: Path) -> Iterator[pq.ParquetWriter]:
    with file.open("wb") as sink:
        writer = pq.ParquetWriter(sink, SCHEMA, compression="zstd")
        try:
            yield writer
            writer.close()
        except BaseException:
            writer.is_open = False  # or its destructor writes the end of a file that is given up, and complains
            raise


def _batches(walk: Walk) -> Iterator[Sequence[Entry]]:
    """Entries by the thousand; fewer where paths are long, since a deep tree of long names would fill the memory."""
    batch: list[Entry] = []
    characters = 0
    for entry in walk:
        batch.append(entry)
        characters += len(entry.path)
        if len(batch) >= BATCH_ROWS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _counted(batch: pa.RecordBatch) -> dict[str, int]:
    kinds = {each["values"]: each["counts"] for each in batch["type"].value_counts().to_pylist()}
    sums = {column: int(pc.sum(batch[column].cast(EXACT)).as_py() or 0) for column in ("size", "size_du")}
    errors = batch.num_rows - batch["error"].null_count
    return kinds | sums | {"entries": batch.num_rows, "errors": errors}


def _report(
    snapshot: SnapshotFile, walk: Walk, counts: Counter[str], times: tuple[datetime, datetime], sha256: str
) -> ScanReport:
    return ScanReport(
        share=snapshot.share,
        day=snapshot.day,
        root=readable(walk.root),
        mode="metadata",
        entries=counts["entries"],
        files=counts["f"],
        directories=counts["d"],
        others=counts["entries"] - counts["f"] - counts["d"],
        errors=counts["errors"],
        vanished=walk.vanished,
        other_filesystems=walk.other_filesystems,
        size_bytes=counts["size"],
        allocated_bytes=counts["size_du"],
        started_at=times[0],
        ended_at=times[1],
        sha256=sha256,
        file=snapshot.parquet,
    )


def _publish(snapshot: SnapshotFile, parquet: Path, manifest: Path) -> None:
    """Both files in place, the manifest last; in between the old one must not speak for the new rows."""
    make_folders(snapshot.parquet.parent)
    snapshot.manifest.unlink(missing_ok=True)
    move_into_place(parquet, snapshot.parquet)
    move_into_place(manifest, snapshot.manifest)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _shown(path: Path) -> str:
    return readable(str(path))
