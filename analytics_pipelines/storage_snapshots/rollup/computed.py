"""Rows that numpy computes of a mounted view, at the moment when the lake runs the SELECT."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import arrow_of
from analytics_pipelines.foundation.select import Version
from analytics_pipelines.foundation.sql import Sql

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
LARGEST = np.iinfo(np.int64).max
NEVER = LARGEST
"""Stands for a time that is not known."""


@dataclass(frozen=True, slots=True)
class Computed:
    """What `make` gives of the views mounted before it: of exactly the partitions that the manifest will name.

    It comes last among a SELECT's `reads`, which are mounted in their order.
    """

    make: Callable[[DuckDBPyConnection], pa.Table]
    versions: tuple[Version, ...] = field(default=())

    def mount(self, cursor: DuckDBPyConnection, view: str) -> None:
        """Compute the rows and register them under the name."""
        cursor.register(view, self.make(cursor))


def column_of(cursor: DuckDBPyConnection, query: Sql) -> pa.ChunkedArray:
    """The first column of the answer, in its order."""
    return arrow_of(cursor, query).column(0)


def numbers(column: pa.ChunkedArray, *, null: int = 0) -> Ints:
    """A column of numbers or times (µs since 1970) as integers; `null` stands where it is null."""
    whole = column.cast(pa.int64())
    found: Ints = (pc.fill_null(whole, null) if whole.null_count else whole).to_numpy()
    return found


def flags(column: pa.ChunkedArray) -> Flags:
    """A column of booleans without nulls."""
    found: Flags = column.to_numpy()
    return found
