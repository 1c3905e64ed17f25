"""A producer's snapshot file before its rows are read: is it whole, what does it hold, what was told of it.

Everything that can be wrong with it is a `BrokenSnapshot` that names share and day.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.foundation.select import ParquetFiles, Version
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.storage_snapshots.intake.columns import Found, found
from analytics_pipelines.storage_snapshots.layout import SnapshotFile, told_sha256

ROW_NUMBER = "file_row_number"
TEXT, BYTES = "VARCHAR", "BLOB"
MODES = ("metadata", "hashed")
RECEIVED = "received"
INPUT = "snapshot:"


class BrokenSnapshot(BadInput):
    """A snapshot's file can not be read, or is not the one that its manifest describes."""


@dataclass(frozen=True, slots=True)
class Received:
    """A snapshot file whose footer can be read: its columns, rows and hash, and what its manifest tells."""

    file: SnapshotFile
    columns: Found
    rows: int
    sha256: str
    told: Mapping[str, Any]

    @property
    def name(self) -> str:
        """How people are told of it."""
        return called(self.file)

    @property
    def source(self) -> ParquetFiles:
        """The file, known among a partition's inputs by its share."""
        return ParquetFiles((self.file.parquet,), (Version(input_name(self.file.share), self.file.day, self.sha256),))

    def scan(self) -> Sql:
        """A SELECT of its own columns and the number of each row."""
        text = Sql("SELECT * FROM read_parquet({file}, file_row_number = true, hive_partitioning = false)")
        return text.fill(file=literal(str(self.file.parquet)))

    def broken(self, what: str, remedy: str) -> BrokenSnapshot:
        """The error that says so of this file."""
        return BrokenSnapshot(self.name + " " + what, remedy=remedy)


def input_name(share: str) -> str:
    """How a partition's manifest calls the snapshot of that share among its inputs."""
    return INPUT + share


def called(file: SnapshotFile) -> str:
    """`The snapshot of 'home' on 2026-11-21`."""
    return f"The snapshot of {file.share!r} on {file.day}"


def received(file: SnapshotFile, cursor: DuckDBPyConnection) -> Received:
    """The file with its columns; raises `BrokenSnapshot`."""
    where = called(file)
    promised = told_sha256(file)
    try:
        sha256 = sha256_of(file.parquet)
    except OSError as error:
        raise BrokenSnapshot(where + " can not be read.", remedy="Let this user read it, or scan again.") from error
    if promised not in {None, sha256}:
        raise BrokenSnapshot(where + " is not the file that its manifest describes.", remedy="Scan the share again.")
    rows = _rows(file, where)
    own = _columns(file, cursor, where)
    if ROW_NUMBER in {column.casefold() for column, _ in own}:
        raise BrokenSnapshot(where + " has a column " + ROW_NUMBER + ".", remedy="Give that column another name.")
    columns = found(own)
    if "path" not in columns.by_name:
        raise BrokenSnapshot(where + " lacks the column path.", remedy="A producer names at least the paths.")
    if columns.by_name["path"][1] not in {TEXT, BYTES}:
        raise BrokenSnapshot(where + " has paths that are not text.", remedy="Write them as strings.")
    return Received(file, columns, rows, sha256, manifest_of(file))


def _rows(file: SnapshotFile, where: str) -> int:
    """Rows that its footer tells of; Brotli is refused, because its decoder is not safe with files of strangers."""
    try:
        metadata = pq.read_metadata(file.parquet)
    except (pa.ArrowException, OSError) as error:
        raise BrokenSnapshot(where + " is not readable Parquet.", remedy="Scan again, or remove the file.") from error
    if any(_is_brotli(metadata.row_group(number)) for number in range(metadata.num_row_groups)):
        raise BrokenSnapshot(where + " is compressed with Brotli.", remedy="Write it with zstd.")
    if not metadata.num_rows:
        raise BrokenSnapshot(where + " names no path at all.", remedy="Scan again: even an empty folder is one row.")
    return int(metadata.num_rows)


def _is_brotli(rows: pq.RowGroupMetaData) -> bool:
    return any(rows.column(number).compression == "BROTLI" for number in range(rows.num_columns))


def _columns(file: SnapshotFile, cursor: DuckDBPyConnection, where: str) -> list[tuple[str, str]]:
    """Names and DuckDB's types of its columns."""
    text = Sql("DESCRIBE SELECT * FROM read_parquet({file}, hive_partitioning = false)")
    try:
        rows = cursor.execute(text.fill(file=literal(str(file.parquet))).text).fetchall()
    except duckdb.Error as error:
        raise BrokenSnapshot(where + " is not readable Parquet.", remedy="Scan again, or remove the file.") from error
    return [(row[0], row[1]) for row in rows]


def manifest_of(file: SnapshotFile) -> dict[str, Any]:
    """What the producer tells of the snapshot; empty where it left no manifest, or none that is an object in JSON."""
    try:
        told = json.loads(file.manifest.read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def told_time(told: Mapping[str, Any], key: str) -> datetime | None:
    """A time of the manifest; without a zone it is UTC; None for anything that is no time."""
    try:
        at = datetime.fromisoformat(told[key])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def told_count(told: Mapping[str, Any], *keys: str) -> int | None:
    """A number of the manifest, under the first of the keys that holds one from 0 up to 2^63."""
    numbers = (told.get(key) for key in keys)
    return next((each for each in numbers if type(each) is int and 0 <= each < 2**63), None)


def told_mode(told: Mapping[str, Any]) -> str:
    """`metadata` or `hashed` where a manifest of ours says so, else `received`."""
    mode = told.get("mode")
    return mode if mode in MODES else RECEIVED


def share_of_input(table: str) -> str | None:
    """The share that an input of a partition's manifest stands for; None for another input."""
    share = table.removeprefix(INPUT)
    return share if share != table else None
