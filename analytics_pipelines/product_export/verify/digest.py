"""Every value of the lake compared with the source's, by one checksum over all columns that both engines compute."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.plan import ExportColumn, TablePlan
from analytics_pipelines.product_export.source.limits import FULL_DUTY_PCT
from analytics_pipelines.product_export.verify.differing import Compared, offenders_of
from analytics_pipelines.product_export.verify.sides import LakeSide, Side, SourceSide

ROWS = Sql("count(*)")


@dataclass(frozen=True, slots=True)
class Total:
    """What the rows of one side come to."""

    rows: int
    checksum: int
    """Over all columns that are not masked."""


@dataclass(frozen=True, slots=True)
class Exactly:
    """What came of a comparison of every value."""

    rows: int
    """Of the lake."""
    checksum: int
    """Of the lake's rows, over all columns that are not masked."""
    offenders: tuple[str, ...] = ()
    """What differs: column, number of rows and the keys between which they lie."""

    @property
    def is_equal(self) -> bool:
        """Whether the lake holds what the source holds, masked columns apart."""
        return not self.offenders


def total_of_source(
    connection: psycopg.Connection[Any], plan: TablePlan, where: Sql | None = None, *, duty_pct: int = FULL_DUTY_PCT
) -> Total:
    """Of the rows that the plan and `where` choose; to be had while others read the same rows."""
    return _total(SourceSide(connection, plan, where, duty_pct), compared_columns(plan))


def compared_exactly(
    connection: psycopg.Connection[Any],
    cursor: DuckDBPyConnection,
    plan: TablePlan,
    rows: Sql,
    where: Sql | None = None,
    *,
    expected: Total | None = None,
    duty_pct: int = FULL_DUTY_PCT,
) -> Exactly:
    """Compare what DuckDB's query `rows` gives with the source's rows, in the transaction of the connection.

    `where` is one more condition on the source's rows; `expected` what they come to, if that is known. Both sides are
    read at once, the source in `duty_pct` of the time only. Where they differ, both are read again to name what does.
    """
    source, lake = SourceSide(connection, plan, where, duty_pct), LakeSide(cursor, rows)
    columns = compared_columns(plan)
    with ThreadPoolExecutor(1) as beside:
        asking = beside.submit(_total, source, columns) if expected is None else None
        found = _total(lake, columns)
        expected = asking.result() if asking else expected
    if found == expected:
        return Exactly(found.rows, found.checksum)
    compared = Compared(source, lake, columns, plan.key, found.rows)
    return Exactly(found.rows, found.checksum, tuple(offenders_of(compared)))


def compared_columns(plan: TablePlan) -> tuple[ExportColumn, ...]:
    """Those that the lake holds as the source does."""
    return tuple(column for column in plan.columns if column.is_comparable)


def _total(side: Side, columns: tuple[ExportColumn, ...]) -> Total:
    parts = list(side.asked(ROWS, side.checksum(columns)))
    return Total(sum(rows for rows, _ in parts), sum(int(checksum) for _, checksum in parts))
