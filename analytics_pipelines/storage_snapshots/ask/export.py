"""Whole results as files: CSV for spreadsheets, Parquet with types for programs.

A file is made before its first byte is sent, so that its rows are counted and a slow reader holds nothing up. File
names belong to whoever made the files, and spreadsheets run some of them as formulas: CSV has them as
`foundation.spreadsheets` makes them safe, Parquet as they are.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import batches_of
from analytics_pipelines.foundation.files import disk_errors
from analytics_pipelines.foundation.spreadsheets import SAFE_TEXT
from analytics_pipelines.foundation.sql import Sql, from_file, joined, name
from analytics_pipelines.foundation.tables import ColumnType, Type
from analytics_pipelines.storage_snapshots.ask.advanced import Rows
from analytics_pipelines.storage_snapshots.ask.entry_json import ENTRY_COLUMNS, TYPES

MOST_ROWS = 1_000_000
BATCH_ROWS = 20_000
CHUNK_BYTES = 2**18
ISO_TIME = Sql("replace(strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ'), '.000000Z', 'Z')")

Writer = Callable[[IO[bytes], pa.Schema], AbstractContextManager[Any]]


class Format(StrEnum):
    """How a result is written."""

    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


MEDIA_TYPES: Mapping[Format, str] = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.PARQUET: "application/vnd.apache.parquet",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """A file of rows; `is_truncated` where there were more than `MOST_ROWS`. Reading its chunks removes it."""

    row_count: int
    is_truncated: bool
    size_bytes: int
    file: IO[bytes]

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, once."""
        with self.file:
            while chunk := self.file.read(CHUNK_BYTES):
                yield chunk


def format_of(asked: Format | None, accept: str) -> Format:
    """The format asked for by name, else the first known one of the Accept header, else JSON."""
    if asked is not None:
        return asked
    wanted = [each.split(";")[0].strip().lower() for each in accept.split(",")]
    known = {media_type.split(";")[0]: form for form, media_type in MEDIA_TYPES.items()}
    return next((known[each] for each in wanted if each in known), Format.JSON)


def export(cursor: DuckDBPyConnection, rows: Rows, form: Format, *, most_rows: int = MOST_ROWS) -> Exported:
    """All rows in their order, at most `most_rows`; raises `TimedOut`, `DiskFull`."""
    columns = _csv_columns() if form is Format.CSV else _typed_columns()
    query = from_file(__package__, "exported_entries").fill(
        columns=columns, source=rows.source, conditions=rows.condition, order=rows.order.sql
    )
    batches = batches_of(cursor, query, {**rows.bound.values, "limit": most_rows + 1}, BATCH_ROWS)
    with disk_errors():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
        try:
            count = _written(_WRITERS[form], file, batches, most_rows)
            size_bytes = file.tell()
            file.seek(0)
        except BaseException:
            file.close()
            raise
    return Exported(min(count, most_rows), count > most_rows, size_bytes, file)


def _written(writer: Writer, file: IO[bytes], batches: pa.RecordBatchReader, most_rows: int) -> int:
    """Write what is allowed, and give how many rows were read."""
    count = 0
    with writer(file, batches.schema) as sink:
        for batch in batches:
            sink.write_batch(batch.slice(0, max(0, most_rows - count)))
            count += batch.num_rows
    return count


def _csv_writer(file: IO[bytes], schema: pa.Schema) -> Any:
    return pa.csv.CSVWriter(file, schema, write_options=pa.csv.WriteOptions(quoting_style="needed"))


def _parquet_writer(file: IO[bytes], schema: pa.Schema) -> Any:
    return pa.parquet.ParquetWriter(file, schema, compression="zstd")


_WRITERS: Mapping[Format, Writer] = {Format.CSV: _csv_writer, Format.PARQUET: _parquet_writer}


def _typed_columns() -> Sql:
    one = Sql("{column} AS {shown}")
    return joined(one.fill(column=name(column), shown=name(shown)) for shown, column in ENTRY_COLUMNS.items())


def _csv_columns() -> Sql:
    forms: dict[ColumnType, Sql] = {Type.TEXT: SAFE_TEXT, Type.TIMESTAMP: ISO_TIME}
    one = Sql("{value} AS {shown}")
    return joined(
        one.fill(value=forms.get(TYPES[column], Sql("{column}")).fill(column=name(column)), shown=name(shown))
        for shown, column in ENTRY_COLUMNS.items()
    )
