"""Frames as Hypothesis makes them: missing, infinite, huge, tiny and equal values, in few groups."""

import math
from collections.abc import Sequence

import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

HUGE = 1e300
"""Thirty of these add up without overflow."""
ODD = [math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1e-200, HUGE, -HUGE, 1e16, 1e16 + 2, 0.1, 1 / 3]
FLOATS = st.none() | st.sampled_from(ODD) | st.floats(-1e6, 1e6) | st.floats(-HUGE, HUGE)
INTEGERS = st.none() | st.integers(-100, 100) | st.integers(-(2**63), 2**63 - 1)
GROUPS = st.none() | st.sampled_from(["a", "b", "B", "", "ü", 'q"{x}'])
Row = tuple[float | None, int | None, str | None]
ROWS: st.SearchStrategy[list[Row]] = st.lists(st.tuples(FLOATS, INTEGERS, GROUPS), max_size=30)


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Columns `x` (DOUBLE), `i` (BIGINT) and `g` (text)."""
    x, i, g = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    return pa.table({"x": pa.array(x, pa.float64()), "i": pa.array(i, pa.int64()), "g": pa.array(g, pa.string())})


def pandas_of(rows: Sequence[Row]) -> pd.DataFrame:
    """The same rows; integers keep their nulls."""
    x, i, g = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    columns = {"x": pd.array(x, "float64"), "i": pd.array(i, "Int64"), "g": pd.array(g, "object")}
    return pd.DataFrame(columns)


def polars_of(rows: Sequence[Row]) -> pl.DataFrame:
    """The same rows; NaN is null."""
    return pl.DataFrame(table_of(rows)).with_columns(pl.col("x").fill_nan(None))
