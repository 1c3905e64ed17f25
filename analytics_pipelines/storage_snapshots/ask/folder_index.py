"""Where each folder of the newest snapshots stands and what it holds, in memory: found without a query.

    index = folder_index(lease)
    index.rows("/home/ada", {"home"}, ("share", "path", "pre", "size_bytes")) if index else ...

Made for a generation by the first question that needs it, in 0.1 to 0.2 kB a folder.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file, names
from analytics_pipelines.storage_snapshots.ask.paths import KEY_BYTES, path_key
from analytics_pipelines.storage_snapshots.hot.tables import FOLDERS

REMEMBERED = "storage_snapshots.folder_index"
MOST_FOLDERS = 1_000_000
"""Past this they are looked up in the hot table, so that an index takes 0.2 GB at most."""
BANDS = ("size_bin_", "modified_", "accessed_")
SUMS = tuple(
    each for each in FOLDERS.column_names if each.endswith(("_count", "_bytes")) and not each.startswith(BANDS)
)
TIMES = tuple(each for each in FOLDERS.column_names if each.endswith("_at") and not each.startswith("own_"))
COLUMNS = ("pre", "last_pre", "parent_pre", "depth", *SUMS, *TIMES)
KNOWN = frozenset({"share", "path", *COLUMNS})
"""Columns of `hot.tables.FOLDERS` that the index tells."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_US, LAST_US = ((datetime(year, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) for year in (1, 9999))
SMALL = np.iinfo(np.int32)
Numbers = np.ndarray[Any, np.dtype[np.integer[Any]]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class FolderIndex:
    """Columns in the order of `path_key`; `checks` is the other half of the path's md5."""

    keys: Numbers
    checks: Numbers
    shares: tuple[str, ...]
    share_of: Numbers
    columns: Mapping[str, Numbers]
    unknown: Mapping[str, Flags]
    """Where a column is null; columns that are null nowhere are left out."""
    paths: Mapping[int, str]
    """Of the roots."""

    def rows(self, path: str | None, shares: Collection[str], columns: Iterable[str]) -> list[dict[str, Any]]:
        """The folder in each of these shares that has it, by share; without a path the roots. Times are aware."""
        places = self.paths if path is None else self._places(path)
        wanted = tuple(columns)
        found = [self._row(each, self.paths[each] if path is None else path, wanted) for each in places]
        kept = [(share, row) for share, row in found if share in shares]
        return [row for _, row in sorted(kept, key=lambda each: each[0])]

    def _places(self, path: str) -> list[int]:
        key, check = path_key(path), _check_of(path)
        place = int(np.searchsorted(self.keys, key))
        places = []
        while place < len(self.keys) and self.keys[place] == key:
            if self.checks[place] == check:
                places.append(place)
            place += 1
        return places

    def _row(self, place: int, path: str, wanted: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
        share = self.shares[int(self.share_of[place])]
        told = {"share": share, "path": path}
        return share, {each: told[each] if each in told else self._value(place, each) for each in wanted}

    def _value(self, place: int, column: str) -> Any:
        if column in self.unknown and self.unknown[column][place]:
            return None
        value = int(self.columns[column][place])
        return EPOCH + timedelta(microseconds=value) if column in TIMES else value


def folder_index(lease: Lease) -> FolderIndex | None:
    """The index of the lease's newest snapshots, made once; None where there are too many folders for one.

    Raises `TimedOut`. Ask only where the generation holds `hot.tables.FOLDERS`.
    """
    return lease.remembered(REMEMBERED, _made)


def _made(lease: Lease) -> FolderIndex | None:
    folders = lease.table(FOLDERS.name)
    ((count,),) = lease.tuples(from_file(__package__, "row_count").fill(table=folders))
    if count > MOST_FOLDERS:
        return None
    rows = lease.arrow(from_file(__package__, "folder_index").fill(columns=names(COLUMNS), folders=folders))
    shares = rows["share"].combine_chunks().dictionary_encode()
    columns = {each: numbers(rows[each]) for each in COLUMNS}
    if any(_is_past_calendars(columns[each]) for each in TIMES):
        return None
    roots = rows["root_path"].combine_chunks()
    return FolderIndex(
        rows["path_key"].to_numpy(),
        rows["path_check"].to_numpy(),
        tuple(shares.dictionary.to_pylist()),
        shares.indices.to_numpy(),
        columns,
        {each: pc.is_null(rows[each]).to_numpy() for each in COLUMNS if rows[each].null_count},
        {int(each): roots[int(each)].as_py() for each in np.flatnonzero(columns["pre"] == 0)},
    )


def numbers(column: pa.ChunkedArray) -> Numbers:
    """The column in half the room where it fits; zero where it is null."""
    found: Numbers = pc.fill_null(column.cast(pa.int64()), 0).to_numpy()
    fits = not len(found) or (found.min() >= SMALL.min and found.max() <= SMALL.max)
    return found.astype(np.int32) if fits else found


def _is_past_calendars(times: Numbers) -> bool:
    """Whether there are times that Python has no word for: such rows are told by DuckDB."""
    return bool(len(times)) and bool(times.min() < FIRST_US or times.max() > LAST_US)


def _check_of(path: str) -> int:
    return int.from_bytes(hashlib.md5(path.encode(), usedforsecurity=False).digest()[:KEY_BYTES], "little")
