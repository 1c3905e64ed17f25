"""An export of ncdu as a snapshot."""

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics_pipelines.foundation.clock import midnight
from analytics_pipelines.storage_snapshots.intake.columns import EARLIEST_US, LATEST_US
from analytics_pipelines.storage_snapshots.layout import SnapshotFile
from analytics_pipelines.storage_snapshots.producers.ncdu_text import NOT_NCDU, NotAnExport, Tokens, head, infos, opened
from analytics_pipelines.storage_snapshots.producers.publishing import BATCH_ROWS, Imported, Writer, writing
from analytics_pipelines.storage_snapshots.scanner.rows import LETTERS
from analytics_pipelines.storage_snapshots.spelling import raw_where_it_differs, readable

PLAIN = pa.schema(
    {
        "path": pa.string(),
        "path_raw": pa.binary(),
        "type": pa.string(),
        "size": pa.int64(),
        "size_du": pa.int64(),
        "dev": pa.uint64(),
        "ino": pa.uint64(),
        "nlink": pa.int64(),
        "error": pa.string(),
    }
)
EXTENDED = pa.schema(
    [
        *PLAIN,
        pa.field("mtime", pa.timestamp("us", tz="UTC")),
        *(pa.field(each, pa.int64()) for each in ("uid", "gid")),
        pa.field("mode", pa.int32()),
    ]
)
READ_ERROR = "EIO: ncdu could not read it"
OTHER_FILESYSTEMS = ("otherfs", "othfs")
MOST_INT64 = 2**63 - 1
MOST_UINT64 = 2**64 - 1
Progress = Callable[[int], None]


@dataclass
class Rows:
    """Entries as they come, as rows; remembers the folders on the way down."""

    is_extended: bool
    left_out: Counter[str] = field(default_factory=Counter)
    _above: list[tuple[str, int]] = field(default_factory=list)
    """Path and device of each folder on the way to the entry."""

    def row(self, depth: int, told: dict[str, Any], *, is_folder: bool) -> dict[str, object] | None:
        """The row, or None for what ncdu was told to leave out."""
        del self._above[depth:]
        path = self._path(depth, told["name"])
        device = _number(told.get("dev"), MOST_UINT64)
        if device is None:
            device = self._above[-1][1] if self._above else 0
        if is_folder:
            self._above.append((path, device))
        if excluded := told.get("excluded"):
            self.left_out["other_filesystems" if excluded in OTHER_FILESYSTEMS else "excluded"] += 1
            return None
        plain: dict[str, object] = {
            "path": path,
            "path_raw": raw_where_it_differs(path),
            "type": _letter(told, is_folder=is_folder),
            "size": _number(told.get("asize", 0), MOST_INT64),
            "size_du": _number(told.get("dsize", 0), MOST_INT64),
            "dev": device,
            "ino": _number(told.get("ino"), MOST_UINT64),
            "nlink": _links(told, is_folder=is_folder),
            "error": READ_ERROR if told.get("read_error") else None,
        }
        return plain | _extended(told) if self.is_extended else plain

    def _path(self, depth: int, name: str) -> str:
        try:
            text = readable(os.fsdecode(name.encode("utf-8", "surrogateescape")))
        except UnicodeEncodeError:
            raise NotAnExport(NOT_NCDU + ": a name that is no text.", remedy="Export it again.") from None
        if not depth:
            return text if text == "/" else text.rstrip("/")
        if "/" in text or "\0" in text:
            raise NotAnExport(f"A name holds a slash or a NUL: {text[:80]!r}.", remedy="Export it again.")
        above = self._above[-1][0]
        return above + text if above.endswith("/") else above + "/" + text


def import_ncdu(
    file: Path, share: str, snapshots_folder: Path, *, day: date | None = None, progress: Progress | None = None
) -> Imported:
    """Write the export as the share's snapshot of `day`, or of the day in UTC on which it was written.

    `progress` is told the number of entries so far. gzip and zstd are unpacked. An export with `-e` gives times, owners
    and modes too. Raises `NotAnExport`, `BadShareName`, `NotWritable`, `DiskFull`; nothing is written then.
    """
    with opened(file) as source:
        tokens = Tokens(source)
        metadata = head(tokens)
        taken_at = _written_at(metadata) or _end_of(day or datetime.now(UTC).date())
        snapshot = SnapshotFile.at(snapshots_folder, share, day or taken_at.date())
        entries = infos(tokens)
        root = next(entries)
        rows = Rows(is_extended="mtime" in root[2] or "mode" in root[2])
        with writing(snapshot, EXTENDED if rows.is_extended else PLAIN) as writer:
            _write(writer, rows, root, entries, progress)
            told = {"excluded": rows.left_out["excluded"], "other_filesystems": rows.left_out["other_filesystems"]}
            ended = {"ended_at": taken_at.isoformat()} if "timestamp" in metadata else {}
            path = readable(os.fsdecode(root[2]["name"].encode("utf-8", "surrogateescape")))
            return writer.publish(root=path, mode="metadata", producer="ncdu", taken_at=taken_at, **told, **ended)


def _write(
    writer: Writer,
    rows: Rows,
    root: tuple[int, bool, dict[str, Any]],
    entries: Iterator[tuple[int, bool, dict[str, Any]]],
    progress: Progress | None,
) -> None:
    batch: list[dict[str, object]] = []
    for depth, is_folder, told in _chained(root, entries):
        row = rows.row(depth, told, is_folder=is_folder)
        if row:
            batch.append(row)
        if len(batch) >= BATCH_ROWS:
            writer.write(_columns(batch))
            batch = []
            if progress:
                progress(writer.entries)
    if batch:
        writer.write(_columns(batch))
    if progress:
        progress(writer.entries)


def _chained(
    first: tuple[int, bool, dict[str, Any]], rest: Iterator[tuple[int, bool, dict[str, Any]]]
) -> Iterator[tuple[int, bool, dict[str, Any]]]:
    yield first
    yield from rest


def _columns(batch: list[dict[str, object]]) -> dict[str, list[object]]:
    return {column: [row[column] for row in batch] for column in batch[0]}


def _letter(told: dict[str, Any], *, is_folder: bool) -> str:
    if is_folder:
        return "d"
    mode = _number(told.get("mode"), MOST_INT64)
    known = LETTERS.get(stat.S_IFMT(mode)) if mode is not None and stat.S_IFMT(mode) else None
    return known or ("U" if told.get("notreg") else "f")


def _links(told: dict[str, Any], *, is_folder: bool) -> int | None:
    """Names that the file has; of one that is no candidate for a hard link, one."""
    links = _number(told.get("nlink"), MOST_INT64)
    return 1 if links is None and not is_folder and not told.get("hlnkc") else links


def _extended(told: dict[str, Any]) -> dict[str, object]:
    mode = _number(told.get("mode"), MOST_INT64)
    return {
        "mtime": _time_us(told.get("mtime")),
        "uid": _number(told.get("uid"), MOST_INT64),
        "gid": _number(told.get("gid"), MOST_INT64),
        "mode": None if mode is None else stat.S_IMODE(mode),
    }


def _number(value: object, most: int) -> int | None:
    return value if type(value) is int and 0 <= value <= most else None


def _time_us(value: object) -> int | None:
    if type(value) not in {int, float}:
        return None
    try:
        found = round(float(str(value)) * 1_000_000)
    except (OverflowError, ValueError):
        return None
    return found if EARLIEST_US <= found <= LATEST_US else None


def _written_at(metadata: dict[str, Any]) -> datetime | None:
    found = _time_us(metadata.get("timestamp"))
    return None if found is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=found)


def _end_of(day: date) -> datetime:
    return midnight(day) + timedelta(days=1)
