"""Makes a forest of the view `entries`: reads what tells its shape, and holds it against what pre-order promises."""

import numpy as np
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import arrow_of
from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.storage_snapshots.rollup.computed import Ints, column_of, flags, numbers
from analytics_pipelines.storage_snapshots.rollup.forest import Forest, Shares


def planted(cursor: DuckDBPyConnection) -> Forest:
    """The folders of the view `entries`; raises `CheckFailed` when its rows are no trees in pre-order."""
    shares = _shares(cursor)
    climb = numbers(column_of(cursor, from_file(__package__, "tree")))
    is_folder = climb == 0
    home = np.arange(len(climb))
    home -= climb
    number = np.cumsum(is_folder) - 1
    positions = np.flatnonzero(is_folder)
    _must("lie in folders", (climb >= 0) & is_folder[home])
    home = number[home]
    parents, ends = _folders(cursor, shares, positions, number)
    repeats, meets, inside = _repeats(cursor, home, positions, parents)
    return Forest(shares, ~is_folder, home, positions, parents, ends, repeats, meets, inside)


def _shares(cursor: DuckDBPyConnection) -> Shares:
    found = arrow_of(cursor, from_file(__package__, "shares"))
    counts = numbers(found["entry_count"])
    _must("fill their share's positions", counts == numbers(found["position_count"]))
    starts = np.concatenate([[0], np.cumsum(counts)])
    return Shares(found["share"].to_pylist(), found["snapshot_date"].to_pylist(), starts)


def _folders(cursor: DuckDBPyConnection, shares: Shares, positions: Ints, number: Ints) -> tuple[Ints, Ints]:
    """Of each folder the one above it, and the number of the first behind all below it."""
    found = arrow_of(cursor, from_file(__package__, "tree_folders"))
    share = shares.numbers_of(positions)
    above, last = positions - numbers(found["climb"]), positions + numbers(found["reach"])
    _must("come in pre-order", positions - shares.starts[share] == numbers(found["pre"]))
    _must("end within their share", (last >= positions) & (last < shares.starts[share + 1]))
    is_root = above == positions
    _must("have one root a share", is_root == (positions == shares.starts[share]))
    _must("lie in folders of their share", np.isin(above, positions) & (above >= shares.starts[share]))
    return np.where(is_root, len(positions), number[above]), number[last] + 1


def _repeats(cursor: DuckDBPyConnection, home: Ints, positions: Ints, parents: Ints) -> tuple[Ints, Ints, Ints]:
    """Repeated names, for each the deepest folder that holds the one before too, and those repeated in one folder."""
    found = arrow_of(cursor, from_file(__package__, "repeats"))
    repeats, before = numbers(found["position"]), numbers(found["before"])
    meets = home[repeats]
    climbing = np.flatnonzero(positions[meets] > before)
    while len(climbing):
        meets[climbing] = parents[meets[climbing]]
        climbing = climbing[positions[meets[climbing]] > before[climbing]]
    return repeats, meets, repeats[flags(found["is_inside"])]


def _must(promise: str, holds: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
    if not holds.all():
        raise CheckFailed("The entries do not all " + promise + ".", remedy="Make the day's entries again.")
