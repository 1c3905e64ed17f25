"""Counts, sums, least and greatest value of every column, of the source and of the lake."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import psycopg
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import one_row
from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.foundation.sql import Sql, joined, literal
from analytics_pipelines.foundation.tables import Type
from analytics_pipelines.product_export.plan import IS_TOMBSTONE, ExportColumn, TablePlan
from analytics_pipelines.product_export.planning import unfit_told
from analytics_pipelines.product_export.verify.measures import EXTREMES, OCTETS, Measure, has_unfit, measures_of
from analytics_pipelines.product_export.verify.source_rows import asked, is_in_utf8, pieces, scan

MOST_AT_ONCE = 1_600
"""PostgreSQL gives 1,664 columns at most."""
ROWS = Sql("count(*)")
UNFIT = Sql("count(*) FILTER (WHERE {unfit})")
FILE = Sql("SELECT * FROM read_parquet({file}, hive_partitioning = false){kept}")
OF_ROWS = Sql("SELECT {measures} FROM (\n{rows}\n) AS summed_rows")
KEPT = Sql(" WHERE NOT is_tombstone")

Statistics = Mapping[str, str | None]


class UnfitValues(CheckFailed):
    """Columns hold values that the lake's type can not hold."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was summed up: rows, and of each column what it is compared by, as text."""

    rows: int
    columns: Mapping[str, Statistics]

    def as_json(self) -> dict[str, Any]:
        """As a manifest keeps it."""
        return {"rows": self.rows, "columns": {column: dict(kept) for column, kept in self.columns.items()}}

    @staticmethod
    def of_json(kept: Mapping[str, Any]) -> "Summary":
        """What `as_json` gave."""
        return Summary(kept["rows"], kept["columns"])


def summary_of_source(
    connection: psycopg.Connection[Any], plan: TablePlan, where: Sql | None = None, *, duty_pct: int = 100
) -> Summary:
    """Of the rows that the plan and `where` choose, in the transaction of the connection.

    The source is read in `duty_pct` of the time only, and rests between pieces of the table. Raises `UnfitValues`.
    """
    measured = _measured(plan, is_in_utf8=is_in_utf8(connection))
    columns = [ROWS, *(measure.in_source for _, measure in measured)]
    unfit = [found for found in map(has_unfit, plan.columns) if found]
    parts = [
        _aggregated(connection, plan, columns + unfit, (where, piece), duty_pct)
        for piece in pieces(plan, where, duty_pct)
    ]
    if any(any(part[len(columns) :]) for part in parts):
        raise UnfitValues(" ".join(_unfit(connection, plan, where)))
    return _summary(measured, parts)


def summary_of_file(cursor: DuckDBPyConnection, plan: TablePlan, file: Path) -> Summary:
    """Of a Parquet file of the plan's table; rows that only say that a key is gone do not count."""
    kept = KEPT if IS_TOMBSTONE in plan.table.column_names else Sql("")
    return summary_of_rows(cursor, plan, FILE.fill(file=literal(str(file)), kept=kept))


def summary_of_rows(cursor: DuckDBPyConnection, plan: TablePlan, rows: Sql) -> Summary:
    """Of what a query of DuckDB gives; it must give the plan's columns."""
    measured = _measured(plan)
    columns = joined([ROWS, *(measure.in_lake for _, measure in measured)])
    return _summary(measured, [one_row(cursor.execute(OF_ROWS.fill(measures=columns, rows=rows).text))])


def differences(source: Summary, lake: Summary) -> list[str]:
    """What differs, one sentence each, column by column; empty if nothing does.

    Only what both were compared by counts; a column that one of them lacks is a difference.
    """
    found = [] if source.rows == lake.rows else [f"{lake.rows} rows, the source has {source.rows}"]
    for column in dict.fromkeys([*source.columns, *lake.columns]):
        if column in source.columns and column in lake.columns:
            found += _differing(column, source.columns[column], lake.columns[column])
        else:
            found.append(f"{column}: only {'the source' if column in source.columns else 'the copy'} has it")
    return found


def _differing(column: str, source: Statistics, lake: Statistics) -> Iterator[str]:
    for what in source:
        if what in lake and lake[what] != source[what]:
            yield f"{column}: {what} {lake[what]}, the source's is {source[what]}"


def _measured(plan: TablePlan, *, is_in_utf8: bool = True) -> list[tuple[ExportColumn, Measure]]:
    return [
        (column, measure)
        for column in plan.columns
        for measure in measures_of(column)
        if is_in_utf8 or not _depends_on_bytes(column, measure)
    ]


def _depends_on_bytes(column: ExportColumn, measure: Measure) -> bool:
    return column.lake.type is Type.TEXT and measure.what in {OCTETS, *EXTREMES}


def _summary(measured: list[tuple[ExportColumn, Measure]], parts: list[tuple[Any, ...]]) -> Summary:
    columns: dict[str, dict[str, str | None]] = {}
    for place, (column, measure) in enumerate(measured, start=1):
        value = reduce(measure.together, (part[place] for part in parts))
        columns.setdefault(column.lake.name, {})[measure.what] = None if value is None else measure.shown(value)
    return Summary(sum(part[0] for part in parts), columns)


def _aggregated(
    connection: psycopg.Connection[Any],
    plan: TablePlan,
    columns: Sequence[Sql],
    conditions: tuple[Sql | None, ...],
    duty_pct: int,
) -> tuple[Any, ...]:
    """One row of all columns; a wide table is read more than once."""
    found: list[Any] = []
    for first in range(0, len(columns), MOST_AT_ONCE):
        query = scan(plan, joined(columns[first : first + MOST_AT_ONCE]), *conditions)
        found += asked(connection, query, duty_pct=duty_pct)[0]
    return tuple(found)


def _unfit(connection: psycopg.Connection[Any], plan: TablePlan, where: Sql | None) -> list[str]:
    """What does not fit, column by column, once it is known that something does not."""
    counted = {column.source.name: column.unfit for column in plan.columns if column.unfit}
    counts = joined(UNFIT.fill(unfit=unfit) for unfit in counted.values())
    (found,) = asked(connection, scan(plan, counts, where))
    return unfit_told(plan, dict(zip(counted, found, strict=True)))
