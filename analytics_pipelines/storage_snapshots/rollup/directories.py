"""Sums for every directory, exact where files have several names: see `forest.py` for the method.

Numpy and not SQL: prefix sums over integers take a quarter of the time of a join with every folder above, and a chain
of a thousand folders costs no more than a flat tree. SQL reads the columns, and checks the finished rows another way.
"""

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.storage_snapshots.rollup.bands import bands_of
from analytics_pipelines.storage_snapshots.rollup.computed import NEVER, Computed, Ints
from analytics_pipelines.storage_snapshots.rollup.extensions import types_of
from analytics_pipelines.storage_snapshots.rollup.forest import Forest, saturated
from analytics_pipelines.storage_snapshots.rollup.measures import (
    ACCESSED,
    ALLOCATED,
    BROKEN,
    MODIFIED,
    PLAIN,
    SIZE,
    bytes_each,
    flags_each,
    times_each,
)
from analytics_pipelines.storage_snapshots.rollup.planted import planted

SUMS = Sql("SELECT * FROM sums")
FOLDERS = Sql("SELECT count(*) FROM entries WHERE type = 'd'")


def directories(entries: Scan) -> Select | None:
    """Rows of `core_fs__directories` for the entries of one day; None where the day has none.

    A file of several names counts once in each folder that holds any of them, as `du` does when asked for that
    folder alone. Of names whose sizes differ, because the file grew during the scan, the first in pre-order counts.
    Sums past 2^63 bytes stay at 2^63 - 1. Not published unless the roots hold what plain counting finds, and each
    folder's range holds what its own files and the folders in it add up to.
    """
    if not entries.files:
        return None
    return Select(
        from_file(__package__, "directories"),
        reads={"entries": entries, "sums": Computed(_directory_sums)},
        expected_rows=_totals(FOLDERS, has_folders=True),
        checksum=from_file(__package__, "directories_check"),
    )


def directory_types(entries: Scan) -> Select | None:
    """Rows of `core_fs__directory_types` for the entries of one day; None where the day has none.

    Not published unless the roots' extensions add up to what plain counting finds.
    """
    if not entries.files:
        return None
    return Select(
        SUMS,
        reads={"entries": entries, "sums": Computed(types_of)},
        expected_rows=_totals(Sql("SELECT count(*) FROM sums")),
        checksum=from_file(__package__, "types_check"),
    )


def directory_bands(entries: Scan, snapshots: Scan) -> Select | None:
    """Rows of `core_fs__directory_bands` for the entries of one day, ages as of each share's `taken_at`.

    None where the day has no entries. Not published unless bins and bands of every folder add up to the same files.
    """
    if not entries.files:
        return None
    return Select(
        SUMS,
        reads={"entries": entries, "snapshots": snapshots, "sums": Computed(bands_of)},
        expected_rows=_totals(FOLDERS),
        checksum=from_file(__package__, "bands_check"),
    )


def _totals(rows: Sql, *, has_folders: bool = False) -> Sql:
    """The number of rows to come, and what each share holds by plain counting, with the folders' own bytes or not."""
    return from_file(__package__, "totals").fill(
        rows=rows, files=from_file(__package__, "files_once"), has_folders=Sql(str(has_folders))
    )


def _directory_sums(cursor: DuckDBPyConnection) -> pa.Table:
    forest = planted(cursor)
    columns = forest.key() | _counts(cursor, forest) | _bytes(cursor, forest)
    for word, query in (("modified_at", MODIFIED), ("accessed_at", ACCESSED)):
        columns |= _extremes(forest, times_each(cursor, query), word)
    return pa.table(columns)


def _counts(cursor: DuckDBPyConnection, forest: Forest) -> dict[str, Ints]:
    is_file = forest.is_file.astype(np.int64)
    own_errors = np.bincount(forest.home[flags_each(cursor, BROKEN)], minlength=forest.folder_count + 1)
    return {
        "file_count": forest.below(is_file),
        "extra_link_count": forest.added_up(np.bincount(forest.meets, minlength=forest.folder_count + 1)[:-1]),
        "dir_count": forest.ends - np.arange(forest.folder_count) - 1,
        "error_count": forest.added_up(own_errors[:-1]),
        "own_file_count": forest.directly(is_file),
        "own_dir_count": np.bincount(forest.parents, minlength=forest.folder_count + 1)[:-1],
    }


def _bytes(cursor: DuckDBPyConnection, forest: Forest) -> dict[str, Ints]:
    allocated, sizes = bytes_each(cursor, ALLOCATED), bytes_each(cursor, SIZE)
    plain = np.where(flags_each(cursor, PLAIN), sizes, 0)
    return {
        "allocated_bytes": saturated(forest.below, allocated),
        "own_allocated_bytes": saturated(forest.directly, allocated),
        "size_bytes": saturated(forest.below, sizes),
        "own_size_bytes": saturated(forest.directly, sizes),
        "file_size_bytes": saturated(forest.below, plain),
    }


def _extremes(forest: Forest, times: Ints, word: str) -> dict[str, pa.Array]:
    """First and last of the files' times; ~t falls where t rises, so that one search finds both."""
    own_first, first = forest.least(times)
    own_last, last = forest.least(np.where(times == NEVER, NEVER, ~times))
    return {
        "earliest_" + word: _moments(first),
        "latest_" + word: _moments(np.where(last == NEVER, NEVER, ~last)),
        "own_earliest_" + word: _moments(own_first),
        "own_latest_" + word: _moments(np.where(own_last == NEVER, NEVER, ~own_last)),
    }


def _moments(times: Ints) -> pa.Array:
    return pa.array(times, mask=times == NEVER).cast(pa.timestamp("us", "UTC"))
