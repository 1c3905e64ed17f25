"""Columns as arrays for statistics: of rows that pass the filters and lack none of the values."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from analytics_pipelines.datasets.compile.columns import column_of, number_of
from analytics_pipelines.datasets.compile.kept import Kept
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.subject import Subject
from analytics_pipelines.foundation.bound import every
from analytics_pipelines.foundation.errors import LimitExceeded
from analytics_pipelines.foundation.sql import Sql

MOST_ROWS = 1_000_000
"""Rows that a statistic is computed of."""
COMPLETE = Sql("SELECT * FROM (\n{kept}\n) AS kept WHERE {present} LIMIT {most}")
PRESENT = Sql("{value} IS NOT NULL")

Arrays = dict[str, NDArray[np.float64]]


class TooManyRows(LimitExceeded):
    """More rows than a statistic is computed of."""


def complete_rows(cursor: DuckDBPyConnection, plan: Plan, subject: Subject, columns: Sequence[str]) -> Arrays:
    """The numeric columns as arrays of equal length, in the order of the file; infinite values are among them.

    Raises `TooManyRows` past `MOST_ROWS`, and what `counted` raises.
    """
    kept = Kept(plan, subject)
    places = {each: kept.columns.add(number_of(column_of(subject, each))) for each in columns}
    present = every(PRESENT.fill(value=each) for each in kept.columns.names)
    table = kept.question(COMPLETE, present=present, most=Sql(str(MOST_ROWS + 1))).arrow(cursor)
    if table.num_rows > MOST_ROWS:
        raise TooManyRows(
            "The plan has more rows than a statistic is computed of.",
            limit=f"{MOST_ROWS:,} rows",
            remedy="Filter it to fewer rows.",
        )
    return {column: _array(table.column(place.text.strip('"'))) for column, place in places.items()}


def _array(column: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.asarray(column.to_numpy(), dtype=np.float64)
