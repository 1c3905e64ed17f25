"""Reads one upload that is Parquet, in a process of its own: a stranger's Parquet in, one of ours out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import pyarrow as pa
from pyarrow import parquet

from analytics_pipelines.datasets.evidence import ColumnEvidence
from analytics_pipelines.datasets.uploads.collinear import collinear
from analytics_pipelines.datasets.uploads.describe import described
from analytics_pipelines.datasets.uploads.errors import (
    BrokenParquet,
    CompressionRefused,
    EmptyFile,
    TooLargeUnpacked,
    TooManyColumns,
    TooManyRows,
    UnusableColumn,
)
from analytics_pipelines.datasets.uploads.limits import UploadLimits
from analytics_pipelines.datasets.uploads.names import named
from analytics_pipelines.datasets.uploads.parquet_columns import typed_column
from analytics_pipelines.datasets.uploads.upload import UploadedData, write_parquet
from analytics_pipelines.foundation.files import sha256_of

SIGNATURE, ENCRYPTED = b"PAR1", b"PARE"
LEAST_BYTES = 12
CODECS = frozenset({"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4", "LZ4_RAW"})
"""Brotli is not among them: its decoder has a known weakness that is still open."""
MOST_ROW_GROUPS = 10_000
MOST_FOOTER_BYTES = 2**24
MOST_FOOTER_ITEMS = 2**20
BROKEN = "The Parquet file is broken"
WRITE_AGAIN = "Write the file again."


def is_parquet(file: Path) -> bool:
    """Whether the file begins and ends as Parquet does, encrypted or not; text hardly ever does both."""
    with file.open("rb") as opened:
        first = opened.read(len(SIGNATURE))
        opened.seek(0, 2)
        if opened.tell() < LEAST_BYTES:
            return False
        opened.seek(-len(SIGNATURE), 2)
        return first in {SIGNATURE, ENCRYPTED} and opened.read() == first


def read_parquet_upload(source: str, target: str, filename: str, limits: UploadLimits) -> bytes:
    """Make the Parquet `target`, which must not exist, of that in `source`; returns `UploadedData` as JSON.

    `filename` is only told again. The same upload gives the same bytes. Raises what `uploads.errors` names; then there
    is no `target`, and `source` is as it was.
    """
    table, unpacked_bytes = _read(Path(source), limits)
    names, renamed = named(table.column_names, limits.name_characters)
    columns, evidence = _converted(table, names, limits)
    write_parquet(columns, Path(target))
    data = UploadedData(
        filename=filename,
        row_count=table.num_rows,
        column_count=len(names),
        columns=evidence,
        encoding="utf-8",
        encoding_reason="Parquet keeps text as UTF-8",
        delimiter="",
        has_gzip=False,
        has_header=True,
        rejected_count=0,
        rejected=(),
        renamed=renamed,
        sha256=sha256_of(Path(target)),
        parquet_bytes=Path(target).stat().st_size,
        unpacked_bytes=unpacked_bytes,
    )
    return orjson.dumps(data)


def _read(source: Path, limits: UploadLimits) -> tuple[pa.Table, int]:
    """All rows, and the bytes that the file says they take unpacked."""
    with source.open("rb") as opened:
        if opened.read(len(ENCRYPTED)) == ENCRYPTED:
            raise BrokenParquet("The Parquet file is encrypted.", remedy="Write it without encryption.")
    with _broken(), _opened(source) as file:
        metadata = file.metadata
        _check_bounds(metadata, limits)
        _check_schema(file.schema_arrow)
        unpacked_bytes = _checked_chunks(metadata, limits)
        table = file.read(use_threads=False, use_pandas_metadata=False)
    if table.num_rows != metadata.num_rows:
        raise BrokenParquet(BROKEN + ": it does not have the rows that it names.", remedy=WRITE_AGAIN)
    return table, unpacked_bytes


def _opened(source: Path) -> parquet.ParquetFile:
    return parquet.ParquetFile(
        source,
        memory_map=False,
        pre_buffer=False,
        coerce_int96_timestamp_unit="us",
        thrift_string_size_limit=MOST_FOOTER_BYTES,
        thrift_container_size_limit=MOST_FOOTER_ITEMS,
        page_checksum_verification=True,
    )


@contextmanager
def _broken() -> Iterator[None]:
    """Whatever the reader says of bytes that make no sense; of memory it says so itself."""
    try:
        yield
    except (pa.ArrowMemoryError, MemoryError):
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError):
        raise BrokenParquet(BROKEN + ".", remedy=WRITE_AGAIN) from None


def _check_bounds(metadata: parquet.FileMetaData, limits: UploadLimits) -> None:
    columns, rows = metadata.num_columns, metadata.num_rows
    if not columns:
        raise EmptyFile("The Parquet file has no column.")
    if columns > limits.columns:
        raise TooManyColumns(f"The table has {columns:,} columns.", limit=f"{limits.columns:,} columns")
    if rows > limits.rows:
        raise TooManyRows("The table has too many rows.", limit=f"{limits.rows:,} rows")
    if rows * columns > limits.cells:
        raise TooManyRows("The table has too many values.", limit=f"{limits.cells:,} values")
    if rows < 0 or metadata.num_row_groups > MOST_ROW_GROUPS:
        raise BrokenParquet(BROKEN + ": it has too many row groups.", limit=f"{MOST_ROW_GROUPS:,} row groups")


def _check_schema(schema: pa.Schema) -> None:
    """Nested columns, and names that are no text, are told before anything of them is decoded."""
    nested = next(
        ((name, kind) for name, kind in zip(schema.names, schema.types, strict=True) if pa.types.is_nested(kind)), None
    )
    if nested is not None:
        raise UnusableColumn(
            f"The column {nested[0][:100]!r} is nested: {str(nested[1])[:100]}.",
            remedy="Leave it out, or write it as text or as columns of its own.",
        )


def _checked_chunks(metadata: parquet.FileMetaData, limits: UploadLimits) -> int:
    """The bytes of all pages unpacked, as the footer says; raises `CompressionRefused`, `TooLargeUnpacked`."""
    total_bytes = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in range(group.num_columns):
            chunk = group.column(place)
            if chunk.compression not in CODECS:
                raise CompressionRefused(
                    "The Parquet file is compressed with " + str(chunk.compression).capitalize() + ".",
                    remedy="Write it with Zstandard, Snappy, gzip, LZ4 or uncompressed.",
                )
            total_bytes += max(chunk.total_uncompressed_size, 0)
    if total_bytes > limits.unpacked_bytes:
        raise TooLargeUnpacked("The file is more than is read, unpacked.", limit=f"{limits.unpacked_bytes:,} bytes")
    return total_bytes


def _converted(
    table: pa.Table, names: tuple[str, ...], limits: UploadLimits
) -> tuple[dict[str, pa.Array], tuple[ColumnEvidence, ...]]:
    """Each column as its kind, and what is known of it."""
    columns: dict[str, pa.Array] = {}
    evidence = []
    for place, name in enumerate(names):
        column = typed_column(name, table.column(place), limits.line_bytes)
        columns[name] = column.values
        evidence.append(described(name, column))
    related = collinear({each.name: columns[each.name] for each in evidence if each.kind.is_numeric})
    return columns, tuple(replace(each, collinear_with=related.get(each.name, ())) for each in evidence)
