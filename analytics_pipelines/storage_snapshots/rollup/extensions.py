"""Files of each folder by extension: one row for each that occurs in or below the folder."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.rollup.computed import Flags, Ints, column_of
from analytics_pipelines.storage_snapshots.rollup.forest import Forest, bottom_up, saturated
from analytics_pipelines.storage_snapshots.rollup.measures import ALLOCATED, SIZE, bytes_each
from analytics_pipelines.storage_snapshots.rollup.planted import planted

EXTENSION = Sql("SELECT coalesce(extension, '') AS extension FROM entries")


def types_of(cursor: DuckDBPyConnection) -> pa.Table:
    """Rows of `core_fs__directory_types` for the view `entries`."""
    forest = planted(cursor)
    extensions = column_of(cursor, EXTENSION).combine_chunks().dictionary_encode()
    pairs = pairs_of(forest, extensions.indices.to_numpy().astype(np.int64))
    columns: dict[str, Ints] = {}
    for name, values in (
        ("file_count", np.ones(len(forest.is_file), np.int64)),
        ("size_bytes", bytes_each(cursor, SIZE)),
        ("allocated_bytes", bytes_each(cursor, ALLOCATED)),
    ):
        columns["own_" + name], columns[name] = saturated(pairs.sums, values)
    # A file's later name leaves nothing where the first one in the folder has another extension.
    kept = np.flatnonzero(columns["file_count"] + columns["own_file_count"])
    kinds = pa.DictionaryArray.from_arrays(pa.array(pairs.kinds[kept], pa.int32()), extensions.dictionary)
    found = {name: values[kept] for name, values in columns.items()}
    return pa.table(forest.key(pairs.folders[kept]) | {"extension": kinds} | found)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Folders and the kinds that occur below them, sorted by kind, then folder.

    `order` sorts the files' rows, then the repeated names to be taken off, into the `groups` of one folder and kind.
    """

    folders: Ints
    kinds: Ints
    rows: Ints
    is_own: Flags
    signs: Ints
    groups: Ints
    first: Ints
    behind: Ints
    own: Ints

    def sums(self, values: Ints) -> Ints:
        """What files' values add up to, directly in each folder and below it; shape (2, pairs), modulo 2^64."""
        each = values[self.rows]
        running = np.zeros(len(self.groups) + 1, np.int64)
        np.cumsum(_added(each * self.signs, self.groups), out=running[1:])
        own = np.append(_added(each * self.is_own, self.groups), 0)
        return np.stack([own[self.own], running[self.behind] - running[self.first]])


def _added(values: Ints, groups: Ints) -> Ints:
    return np.add.reduceat(values, groups) if len(groups) else values


def pairs_of(forest: Forest, kinds: Ints) -> Pairs:
    """Every folder with every kind that a file below it has; `kinds` has a number for each row."""
    count = forest.folder_count
    rows = np.concatenate([np.flatnonzero(forest.is_file), forest.repeats])
    file_count = len(rows) - len(forest.repeats)
    folders = np.concatenate([forest.home[rows[:file_count]], forest.meets])
    keys = kinds[rows] * count + folders
    order = np.argsort(keys, kind="stable")
    is_own = order < file_count
    signs = np.where(is_own, 1, -1)
    rows, keys = rows[order], keys[order]
    is_own &= ~np.isin(rows, forest.inside)
    groups = np.flatnonzero(np.diff(keys, prepend=-1))
    direct = keys[groups]
    found = _with_parents(forest, direct)
    kind, folder = np.divmod(found, max(count, 1))
    first = np.searchsorted(direct, found)
    behind = np.searchsorted(direct, kind * count + forest.ends[folder])
    own = np.where(np.append(direct, -1)[first] == found, first, len(direct))
    return Pairs(folder, kind, rows, is_own, signs, groups, first, behind, own)


def _with_parents(forest: Forest, keys: Ints) -> Ints:
    """The pairs (kind * folders + folder) and those of all folders above, sorted."""
    count = max(forest.folder_count, 1)
    found, rising = [keys[:0]], keys[:0]
    for level in bottom_up(forest.levels[keys % count]):
        here = _distinct(np.concatenate([keys[level], rising]))
        found.append(here)
        folders = here % count
        rising = here - folders + forest.parents[folders]
    return np.sort(np.concatenate(found))


def _distinct(keys: Ints) -> Ints:
    """The keys in order, each once; `numpy.unique` hashes first, which takes three times as long."""
    ordered = np.sort(keys)
    return ordered[np.flatnonzero(np.diff(ordered, prepend=-1))]
