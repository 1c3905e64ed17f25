"""The state of a day, replayed from the base and the changes since; `core_app__<name>` of an incremental table."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from analytics_pipelines.foundation.bound import every, in_brackets
from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.foundation.lake import Manifest
from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import Sql, columns_of, from_file, joined, literal, name, names
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.product_export.outcome import BASE
from analytics_pipelines.product_export.plan import EXPORT_DATE, IS_TOMBSTONE

CORE = "core_app__"
RAW = "raw_app__"
OF_DAY = Sql("CAST($day AS DATE)")
PARQUET = Sql("read_parquet({file}, hive_partitioning = false)")
BASE_ROWS, CHANGED_ROWS = "base_rows", "changed_rows"


class BrokenHistory(CheckFailed):
    """A partition is missing without which the days after it can not be told."""


def core_table(raw: Table) -> Table:
    """What `raw` becomes once base and changes are put together: the same columns but `is_tombstone`."""
    return replace(
        raw,
        name=CORE + raw.name.removeprefix(RAW),
        grain=raw.grain.removesuffix(", or the key of one that is gone"),
        partition="UTC day as of whose export the rows are",
        columns=tuple(column for column in raw.columns if column.name != IS_TOMBSTONE),
    )


def history_of(manifests: Sequence[Manifest], day: date) -> tuple[Manifest, ...]:
    """The partitions that give the state of `day`: its base, then the changes in order; `manifests` are of one table.

    Days without an export are passed over, `day` too. Empty where nothing was exported by then. Raises
    `BrokenHistory` where one between is missing, or was made anew after changes were told from it.
    """
    found: list[Manifest] = []
    for manifest in reversed([each for each in sorted(manifests, key=lambda each: each.day) if each.day <= day]):
        if found and _moment_before(found[-1]) != (manifest.source or {}).get("moment"):
            break
        found.append(manifest)
        if _is_base(manifest):
            return tuple(reversed(found))
    if found:
        raise BrokenHistory(
            f"{found[-1].table} of {found[-1].day} holds changes since an export that is not there any more.",
            remedy="The next export copies the whole table.",
        )
    return ()


def current_rows(raw: Scan, day: date, expected_rows: int | None = None) -> Select:
    """`core_app__<name>` of `day` from the partitions that `history_of` names, in that order.

    Tables without `is_tombstone` need no more than one. `expected_rows` is what the source counted, where that is
    known; another number of rows fails the check.
    """
    base = replace(raw, files=raw.files[:1], versions=raw.versions[:1])
    changes = replace(raw, files=raw.files[1:], versions=raw.versions[1:])
    columns = [each for each in core_table(raw.table).column_names if each != EXPORT_DATE]
    query = Sql("SELECT {day} AS {export_date}, {columns} FROM (\n{state}\n) AS state").fill(
        day=OF_DAY,
        export_date=name(EXPORT_DATE),
        columns=names(columns),
        state=_state(raw.table.key, columns, name(BASE_ROWS), name(CHANGED_ROWS) if changes.files else None),
    )
    count = Sql("SELECT {rows}").fill(rows=Sql(str(expected_rows))) if expected_rows is not None else None
    return Select(query, {BASE_ROWS: base, CHANGED_ROWS: changes}, {"day": day}, expected_rows=count)


def state_of(key: Sequence[str], columns: Sequence[str], files: Sequence[Path]) -> Sql:
    """DuckDB: these columns of the rows that are left of a base and the changes after it, in that order of files."""
    base, *later = [PARQUET.fill(file=literal(str(file))) for file in files]
    changes = joined((Sql("FROM {file}").fill(file=file) for file in later), " UNION ALL ")
    return _state(key, columns, base, in_brackets(changes) if later else None)


def _state(key: Sequence[str], columns: Sequence[str], base_rows: Sql, changed_rows: Sql | None) -> Sql:
    if changed_rows is None:
        return Sql("SELECT {columns} FROM {base} AS base").fill(columns=names(columns), base=base_rows)
    return from_file(__package__, "state").fill(
        base_rows=base_rows,
        changed_rows=changed_rows,
        columns=names(columns),
        columns_of_base=columns_of("base", columns),
        key=names(key),
        is_same=same_key(key, "base", "latest"),
        export_date=name(EXPORT_DATE),
        is_tombstone=name(IS_TOMBSTONE),
    )


def same_key(key: Sequence[str], left: str, right: str) -> Sql:
    """Whether rows of two relations (names of ours) have one key; nulls are equal."""
    equal = Sql("{left}.{column} IS NOT DISTINCT FROM {right}.{column}")
    return every(equal.fill(left=Sql(left), right=Sql(right), column=name(column)) for column in key)


def _is_base(manifest: Manifest) -> bool:
    return (manifest.source or {}).get("kind") == BASE


def _moment_before(manifest: Manifest) -> object:
    """Of changes, the moment of the partition that they follow."""
    return (manifest.source or {}).get("previous")
