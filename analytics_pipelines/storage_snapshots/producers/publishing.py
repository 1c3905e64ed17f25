"""Writes what a producer knows as a snapshot: the Parquet, then a manifest as a scan leaves it.

A producer writes only the columns that it knows: one that is absent is not compared, one full of nulls would be.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics_pipelines.storage_snapshots.layout import SnapshotFile
from analytics_pipelines.storage_snapshots.scanner.publishing import Staged, publish, sealed, staging

EXACT = pa.decimal128(38, 0)
BATCH_ROWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A snapshot that was written; sizes add up all names, a file of several names each time."""

    share: str
    day: date
    root: str
    taken_at: datetime
    entries: int
    files: int
    directories: int
    errors: int
    size_bytes: int
    file: Path


@dataclass
class Writer:
    """The Parquet as it grows; `publish` makes a snapshot of it."""

    snapshot: SnapshotFile
    schema: pa.Schema
    _staged: Staged
    _sink: IO[bytes]
    _parquet: pq.ParquetWriter
    _counts: Counter[str] = field(default_factory=Counter)

    def write(self, columns: dict[str, list[object]]) -> None:
        """Add rows, given by column in the schema's types."""
        arrays = [pa.array(columns[each.name], each.type) for each in self.schema]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
        self._parquet.write_batch(batch)
        kinds = {each["values"]: each["counts"] for each in batch["type"].value_counts().to_pylist()}
        size = int(pc.sum(batch["size"].cast(EXACT)).as_py() or 0)
        errors = batch.num_rows - batch["error"].null_count if "error" in self.schema.names else 0
        self._counts.update(kinds | {"entries": batch.num_rows, "size": size, "errors": errors})

    @property
    def entries(self) -> int:
        """Rows so far."""
        return self._counts["entries"]

    def publish(self, *, root: str, mode: str, producer: str, taken_at: datetime, **more: object) -> Imported:
        """Put the snapshot in place, replacing an older one; `more` goes into the manifest."""
        self._parquet.close()
        self._sink.close()
        counts = self._counts
        made = Imported(
            share=self.snapshot.share,
            day=self.snapshot.day,
            root=root,
            taken_at=taken_at,
            entries=counts["entries"],
            files=counts["f"],
            directories=counts["d"],
            errors=counts["errors"],
            size_bytes=counts["size"],
            file=self.snapshot.parquet,
        )
        told = {"producer": producer, "mode": mode, "root": root, "started_at": taken_at.isoformat(), **more}
        told |= {"share": made.share, "day": made.day.isoformat(), "sha256": sealed(self._staged.parquet)}
        told |= {each: getattr(made, each) for each in ("entries", "files", "directories", "errors", "size_bytes")}
        publish(self.snapshot, self._staged, json.dumps(told, indent=1, sort_keys=True).encode() + b"\n")
        return made


@contextmanager
def writing(snapshot: SnapshotFile, schema: pa.Schema) -> Iterator[Writer]:
    """A writer of the share's snapshot; unless it publishes, the snapshots stay as they were.

    Raises `NotWritable`, `DiskFull`, or `Conflict` when the share is being scanned.
    """
    with staging(snapshot) as staged, staged.parquet.open("wb") as sink:
        parquet = pq.ParquetWriter(sink, schema, compression="zstd")
        try:
            yield Writer(snapshot, schema, staged, sink, parquet)
        finally:
            parquet.is_open = False  # or its destructor writes the end of a file that is given up
