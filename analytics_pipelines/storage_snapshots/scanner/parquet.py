"""How a snapshot's Parquet is written: encodings for each column, one row group a batch, sums on the way."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analytics_pipelines.storage_snapshots.scanner.arrays import numbers_in
from analytics_pipelines.storage_snapshots.scanner.rows import FEW_VALUES, UNKNOWN, WRITTEN

REPEATING = (
    *FEW_VALUES,
    *("snapshot_date", "blocks", "size_du", "atime", "mtime", "ctime", "btime", "mode", "uid", "gid", "dev", "nlink"),
    *("linkname", "depth"),
)
"""Columns with a dictionary. The others are dearer with one: their values hardly repeat."""
ENCODINGS = {"path": "DELTA_BYTE_ARRAY"}
"""Paths of one folder follow each other, so that each is told by where it leaves the one before it."""
LEVEL = 1
"""Of zstd: 20 bytes an entry; level 3 saves 3 % and takes a third more time."""


@contextmanager
def parquet_writer(file: Path) -> Iterator[pq.ParquetWriter]:
    """A writer of `WRITTEN` batches; readers see `SCHEMA`."""
    with file.open("wb") as sink:
        writer = pq.ParquetWriter(
            sink,
            WRITTEN,
            compression="zstd",
            compression_level=LEVEL,
            use_dictionary=list(REPEATING),
            column_encoding=ENCODINGS,
            store_schema=False,
        )
        try:
            yield writer
            writer.close()
        except BaseException:
            writer.is_open = False  # or its destructor writes the end of a file that is given up, and complains
            raise


@contextmanager
def counting_pen(file: Path, counts: Counter[str]) -> Iterator[Callable[[pa.RecordBatch], None]]:
    """Writes each batch in a thread of its own while the next is made, and adds up what it holds.

    What a write raises comes out at the next batch, or at the end.
    """
    with parquet_writer(file) as writer, ThreadPoolExecutor(1, "pen") as pen:
        unfinished: list[Future[None]] = []

        def finish() -> None:
            while unfinished:
                unfinished.pop().result()

        def write(batch: pa.RecordBatch) -> None:
            writer.write_batch(batch, row_group_size=batch.num_rows or 1)
            counts.update(counted(batch))

        def take(batch: pa.RecordBatch) -> None:
            finish()
            unfinished.append(pen.submit(write, batch))

        yield take
        finish()


def counted(batch: pa.RecordBatch) -> dict[str, int]:
    """Rows by letter of their type, sums of `size` and `size_du`, numbers of `entries` and `errors`; all exact."""
    kinds = batch["type"].dictionary.to_pylist()
    rows_of = np.bincount(numbers_in(batch["type"].indices, "i4"), minlength=len(kinds)).tolist()
    counts = {kind: rows for kind, rows in zip(kinds, rows_of, strict=True) if kind != UNKNOWN}
    counts |= {"entries": batch.num_rows, "errors": batch.num_rows - batch["error"].null_count}
    return counts | {column: exact_sum(batch[column]) for column in ("size", "size_du")}


def exact_sum(column: pa.Array) -> int:
    """The sum, however large; nulls are zero below, as our own arrays have them."""
    numbers = numbers_in(column, "i8")
    return (int((numbers >> 32).sum()) << 32) + int((numbers & 0xFFFFFFFF).sum())
