"""Staging: a SELECT becomes a checked Parquet file outside the lake's root, ready to be renamed into it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import one_row
from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.foundation.files import sha256_of, sync_file, write_synced
from analytics_pipelines.foundation.lake.checks import Expected, Verdict, verdicts
from analytics_pipelines.foundation.lake.manifest import Manifest
from analytics_pipelines.foundation.lake.partition import Partition
from analytics_pipelines.foundation.select import Select, Version, cast_to
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.foundation.tables import Table

ROW_GROUP_ROWS = 122_880
READ_ONLY = 0o444
COPY = Sql("COPY ({query}) TO {file} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {rows})")


@dataclass(frozen=True, slots=True)
class Staged:
    """A finished partition that nobody reads yet, its manifest, and what the checks said."""

    partition: Partition
    manifest: Manifest
    verdicts: tuple[Verdict, ...]

    @property
    def file(self) -> Path:
        """The Parquet file, synced and read-only."""
        return self.partition.file

    def must_pass(self) -> None:
        """Raise `CheckFailed` that names rule, column and count, unless every rule holds."""
        broken = [verdict for verdict in self.verdicts if not verdict.passed]
        if broken:
            told = "; ".join(verdict.rule + " (" + ", ".join(verdict.offenders) + ")" for verdict in broken)
            where = self.manifest.table + " of " + str(self.manifest.day)
            raise CheckFailed(where + " was not published: " + told + ".", remedy="The old partition stays readable.")


def staged(cursor: DuckDBPyConnection, table: Table, day: date, select: Select, partition: Partition) -> Staged:
    """Run the SELECT into synced, read-only files of `partition`, a folder that nobody reads, and check them."""
    rows, expected = _written(cursor, table, select, partition.file)
    os.chmod(partition.file, READ_ONLY)
    sync_file(partition.file)
    found = verdicts(cursor, table, partition.file, rows, expected, checksum=select.checksum)
    manifest = described(table, day, partition.file, rows, inputs=select.versions)
    write_synced(partition.manifest_file, manifest.to_json(), mode=READ_ONLY)
    return Staged(partition, manifest, tuple(found))


def _written(cursor: DuckDBPyConnection, table: Table, select: Select, file: Path) -> tuple[int, Expected | None]:
    """Rows written and what the source says of them, both of one snapshot of the sources."""
    select.mount(cursor)
    cursor.execute("BEGIN TRANSACTION")
    try:
        copy = COPY.fill(query=cast_to(table, select.sql), file=literal(str(file)), rows=Sql(str(ROW_GROUP_ROWS)))
        (rows,) = one_row(cursor.execute(copy.text, dict(select.values)))
        return rows, _expected(cursor, select)
    finally:
        cursor.execute("ROLLBACK")


def _expected(cursor: DuckDBPyConnection, select: Select) -> Expected | None:
    """The source's row count and checksum; of the SELECT's values it binds those that it names."""
    if select.expected_rows is None:
        return None
    (statement,) = cursor.extract_statements(select.expected_rows.text)
    values = {key: value for key, value in select.values.items() if key in statement.named_parameters}
    rows, *checksum = one_row(cursor.execute(select.expected_rows.text, values or None))
    return Expected(int(rows), str(checksum[0]) if checksum else None)


def described(
    table: Table,
    day: date,
    file: Path,
    rows: int,
    *,
    inputs: tuple[Version, ...] = (),
    source: Mapping[str, Any] | None = None,
) -> Manifest:
    """The manifest of a finished file."""
    return Manifest(
        table=table.name,
        day=day,
        rows=rows,
        size_bytes=file.stat().st_size,
        sha256=sha256_of(file),
        schema=tuple((column.name, column.type.value) for column in table.columns),
        table_version=table.version,
        engine="duckdb " + duckdb.__version__,
        inputs=inputs,
        source=source,
    )
