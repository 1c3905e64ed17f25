"""Reads one upload, in a process of its own: bytes of a stranger in, a Parquet and what is known of it out."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pyarrow as pa
from pyarrow import parquet
from pydantic import TypeAdapter, ValidationError

from analytics_pipelines.datasets.evidence import ColumnEvidence
from analytics_pipelines.datasets.uploads.collinear import collinear
from analytics_pipelines.datasets.uploads.describe import described
from analytics_pipelines.datasets.uploads.dialect import Dialect, dialect_of
from analytics_pipelines.datasets.uploads.disguises import refuse_disguised
from analytics_pipelines.datasets.uploads.encoding import decoded
from analytics_pipelines.datasets.uploads.errors import BrokenAnswer
from analytics_pipelines.datasets.uploads.kinds import typed
from analytics_pipelines.datasets.uploads.limits import UploadLimits
from analytics_pipelines.datasets.uploads.names import Renamed, named
from analytics_pipelines.datasets.uploads.rows import RejectedRow, Rows, rows_of
from analytics_pipelines.datasets.uploads.unpack import is_gzip, unpacked
from analytics_pipelines.foundation.files import disk_errors, sha256_of

OWNER_ONLY = 0o600
ROWS_PER_GROUP = 122_880


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedData:
    """One upload as it was understood, and the Parquet made of it."""

    filename: str
    row_count: int
    column_count: int
    columns: tuple[ColumnEvidence, ...]
    encoding: str
    encoding_reason: str
    delimiter: str
    has_gzip: bool
    has_header: bool
    """False where the first row is data, and columns are called by their position."""
    rejected_count: int
    rejected: tuple[RejectedRow, ...]
    """The first of them."""
    renamed: tuple[Renamed, ...]
    sha256: str
    """Of the Parquet."""
    parquet_bytes: int
    unpacked_bytes: int


ANSWER: TypeAdapter[UploadedData] = TypeAdapter(UploadedData)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Understood:
    """The rows of a file, and how it was read; its bytes are no more."""

    rows: Rows
    dialect: Dialect
    encoding: str
    encoding_reason: str
    has_gzip: bool
    unpacked_bytes: int


def read_upload(source: str, target: str, filename: str, limits: UploadLimits) -> bytes:
    """Make the Parquet `target`, which must not exist, of the upload in `source`; returns `UploadedData` as JSON.

    `filename` is only told again. The same upload gives the same bytes. Raises what `uploads.errors` names; then there
    is no `target`, and `source` is as it was.
    """
    read = _understood(Path(source).read_bytes(), limits)
    rows, has_header = read.rows, read.dialect.has_header
    names, renamed = named(rows.header or [""] * len(rows.columns), limits.name_characters)
    columns, evidence = _converted(rows, names)
    write_parquet(columns, Path(target))
    data = UploadedData(
        filename=filename,
        row_count=rows.row_count,
        column_count=len(names),
        columns=evidence,
        encoding=read.encoding,
        encoding_reason=read.encoding_reason,
        delimiter=read.dialect.delimiter,
        has_gzip=read.has_gzip,
        has_header=has_header,
        rejected_count=rows.rejected_count,
        rejected=rows.rejected,
        renamed=renamed if has_header else (),
        sha256=sha256_of(Path(target)),
        parquet_bytes=Path(target).stat().st_size,
        unpacked_bytes=read.unpacked_bytes,
    )
    return orjson.dumps(data)


def _understood(content: bytes, limits: UploadLimits) -> _Understood:
    has_gzip = is_gzip(content)
    text = unpacked(content, limits) if has_gzip else content
    refuse_disguised(text)
    known = decoded(text)
    refuse_disguised(known.content)
    dialect = dialect_of(known.content, limits)
    return _Understood(
        rows=rows_of(known.content, dialect, limits),
        dialect=dialect,
        encoding=known.encoding,
        encoding_reason=known.reason,
        has_gzip=has_gzip,
        unpacked_bytes=len(text),
    )


def uploaded_data(raw: bytes) -> UploadedData:
    """The data that `read_upload` gave; raises `BrokenAnswer` for anything else."""
    try:
        return ANSWER.validate_json(raw, strict=True)
    except ValidationError:
        raise BrokenAnswer("The upload was read, but what was found could not be understood.") from None


def _converted(rows: Rows, names: Sequence[str]) -> tuple[dict[str, pa.Array], tuple[ColumnEvidence, ...]]:
    """Each column as its kind, and what is known of it; its text is let go at once to make room for the next."""
    columns: dict[str, pa.Array] = {}
    evidence = []
    for place, name in enumerate(names):
        text, rows.columns[place] = rows.columns[place], None
        column = typed(text, rows.line_of)
        columns[name] = column.values
        evidence.append(described(name, column))
    related = collinear({each.name: columns[each.name] for each in evidence if each.kind.is_numeric})
    return columns, tuple(replace(each, collinear_with=related.get(each.name, ())) for each in evidence)


def write_parquet(columns: Mapping[str, pa.Array], target: Path) -> None:
    """A new file that only its owner may read; on an error there is none."""
    table = pa.table(dict(columns))
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with disk_errors(), os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), OWNER_ONLY)
            parquet.write_table(table, file, compression="zstd", row_group_size=ROWS_PER_GROUP, store_schema=False)
    except BaseException:
        with suppress(FileNotFoundError):
            target.unlink()
        raise
