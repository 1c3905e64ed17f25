"""Files below each folder by size and by age."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import arrow_of
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.rollup.computed import NEVER, Ints
from analytics_pipelines.storage_snapshots.rollup.forest import Forest, Shares, saturated
from analytics_pipelines.storage_snapshots.rollup.measures import (
    ACCESSED,
    ALLOCATED,
    MODIFIED,
    SIZE,
    bytes_each,
    times_each,
)
from analytics_pipelines.storage_snapshots.rollup.planted import planted
from analytics_pipelines.storage_snapshots.tables import AGE_BANDS, SIZE_BINS

TAKEN = Sql("SELECT share, taken_at FROM snapshots")
BITS_PER_BIN = 5
BIN_ENDS = np.array([1 << BITS_PER_BIN * number for number in SIZE_BINS[1:]])
LIMITS = [timedelta(days=days) for _, days in AGE_BANDS if days is not None]
OLDER = len(LIMITS)
UNKNOWN = OLDER + 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def bands_of(cursor: DuckDBPyConnection) -> pa.Table:
    """Rows of `core_fs__directory_bands` for the views `entries` and `snapshots`."""
    forest = planted(cursor)
    sizes = bytes_each(cursor, SIZE)
    bins = np.searchsorted(BIN_ENDS, sizes, side="right")
    names = [f"size_bin_{number}" for number in SIZE_BINS]
    columns = forest.key() | _columns(forest, names, bins, sizes, "size_bytes")
    allocated = bytes_each(cursor, ALLOCATED)
    taken = dict(zip(*arrow_of(cursor, TAKEN).to_pydict().values(), strict=True))
    for word, query in (("modified", MODIFIED), ("accessed", ACCESSED)):
        ages = ages_of(times_each(cursor, query), forest.shares, taken)
        names = [word + "_" + band for band, _ in AGE_BANDS]
        columns |= _columns(forest, names, ages, allocated, "allocated_bytes")
    return pa.table(columns)


def ages_of(times: Ints, shares: Shares, taken: dict[str, datetime]) -> Ints:
    """For each row the number of its band in `AGE_BANDS`, as of its own share's time."""
    ages = np.full(len(times), UNKNOWN)
    for share, rows in shares.slices():
        if share in taken:
            ends = np.array([(taken[share] - limit - EPOCH) // MICROSECOND for limit in reversed(LIMITS)])
            ages[rows] = OLDER - np.searchsorted(ends, times[rows], side="left")
    ages[times == NEVER] = UNKNOWN
    return ages


def _columns(forest: Forest, names: list[str], kinds: Ints, values: Ints, unit: str) -> dict[str, Ints]:
    """Files of each kind below each folder, and what they hold."""
    is_file = forest.is_file.astype(np.int64)
    counts = forest.below_by_kind(is_file, kinds, len(names))
    held = saturated(lambda each: forest.below_by_kind(each, kinds, len(names)), values * is_file)
    return {
        name + "_" + suffix: found[number]
        for number, name in enumerate(names)
        for suffix, found in (("file_count", counts), (unit, held))
    }
