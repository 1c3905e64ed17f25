"""The folders of a day as integers, so that a sum over all below a folder is a difference of two prefix sums.

Rows of `raw_fs__entries` come share after share in pre-order, so a row's position is its number in the file and
folders are numbered in the same order: what lies below a folder is one range of folders.

A file of several names would count once a name. `du`, asked for a folder, counts it at the first name that it meets
there. So each name but the first is taken off again at the deepest folder that holds both it and the name before it
(`meets`): then it is missing in that folder and all above, and still counts in those that hold only the later name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from analytics_pipelines.storage_snapshots.rollup.computed import LARGEST, NEVER, Flags, Ints

LOW = 0xFFFFFFFF
LOW_BITS = 32


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """The shares of a day in their order, and where the rows of each begin; one more for the end."""

    names: list[str]
    days: list[date]
    starts: Ints

    def slices(self) -> Iterator[tuple[str, slice]]:
        """Each share's rows."""
        for number, share in enumerate(self.names):
            yield share, slice(int(self.starts[number]), int(self.starts[number + 1]))

    def numbers_of(self, positions: Ints) -> Ints:
        """In which share each position is."""
        return np.searchsorted(self.starts, positions, side="right") - 1


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """All shares' folders; arrays are as long as there are rows, folders, or repeated names.

    A folder's number that is the number of folders stands for none.
    """

    shares: Shares
    is_file: Flags
    home: Ints
    """Of a row: the folder in which it counts directly: the one it is in, a folder in itself."""
    positions: Ints
    parents: Ints
    ends: Ints
    """Of a folder: the number of the first behind all that are below it."""
    repeats: Ints
    """Positions of names whose file has one before."""
    meets: Ints
    """Of a repeated name: the deepest folder that holds the name before it too."""
    inside: Ints
    """Positions of names whose file has one before in the same folder."""

    @property
    def folder_count(self) -> int:
        """How many folders there are."""
        return len(self.positions)

    @property
    def levels(self) -> Ints:
        """Of a folder: how many are above it."""
        left = np.bincount(self.ends, minlength=self.folder_count + 1)[:-1]
        return np.cumsum(1 - left) - 1

    def key(self, folders: Ints | None = None) -> dict[str, pa.Array]:
        """Share, day and `pre` of these folders, or of all in their order, as columns of a table."""
        positions = self.positions if folders is None else self.positions[folders]
        shares = self.shares.numbers_of(positions)
        codes = pa.array(shares, pa.int32())
        return {
            "share": pa.DictionaryArray.from_arrays(codes, pa.array(self.shares.names, pa.string())),
            "snapshot_date": pa.array(self.shares.days, pa.date32()).take(codes),
            "pre": pa.array(positions - self.shares.starts[shares]),
        }

    def directly(self, values: Ints) -> Ints:
        """What rows' values add up to directly in each folder, a file of several names once; modulo 2^64."""
        named = self._scattered(self.home, values)
        return named - self._scattered(self.home[self.inside], values[self.inside])

    def below(self, values: Ints) -> Ints:
        """What rows' values add up to in and below each folder, a file of several names once; modulo 2^64."""
        named = self._scattered(self.home, values)
        return self.added_up(named - self._scattered(self.meets, values[self.repeats]))

    def below_by_kind(self, values: Ints, kinds: Ints, width: int) -> Ints:
        """The same for each of `width` kinds of rows: shape (width, folders)."""
        row = self.folder_count + 1
        named = self._scattered(kinds * row + self.home, values, width)
        again = self._scattered(kinds[self.repeats] * row + self.meets, values[self.repeats], width)
        return np.stack([self.added_up(own) for own in (named - again).reshape(width, row)[:, :-1]])

    def added_up(self, own: Ints) -> Ints:
        """For each folder the sum over itself and all folders below it, modulo 2^64."""
        running = np.zeros(self.folder_count + 1, np.int64)
        np.cumsum(own, out=running[1:])
        return running[self.ends] - running[:-1]

    def _scattered(self, cells: Ints, values: Ints, width: int = 0) -> Ints:
        found = np.zeros((self.folder_count + 1) * max(width, 1), np.int64)
        np.add.at(found, cells, values)
        return found if width else found[:-1]

    def least(self, values: Ints) -> tuple[Ints, Ints]:
        """The smallest of the values of each folder's files, directly in it and in and below it."""
        own = np.full(self.folder_count + 1, NEVER)
        np.minimum.at(own, self.home[self.is_file], values[self.is_file])
        below = own.copy()
        for folders in bottom_up(self.levels):
            parents = self.parents[folders]
            starts = np.flatnonzero(np.diff(parents, prepend=-1))
            above = parents[starts]
            below[above] = np.minimum(below[above], np.minimum.reduceat(below[folders], starts))
        return own[:-1], below[:-1]


def bottom_up(levels: Ints) -> Iterator[Ints]:
    """Where the deepest level stands, then the one above it…, each in order."""
    order = np.argsort(levels, kind="stable")
    bounds = np.searchsorted(levels[order], np.arange(levels.max(initial=-1) + 2))
    for level in reversed(range(len(bounds) - 1)):
        yield order[bounds[level] : bounds[level + 1]]


def saturated(total: Callable[[Ints], Ints], values: Ints) -> Ints:
    """`total` of values of 0 and more, a sum modulo 2^64, where sums past 2^63 - 1 stay there."""
    if values.sum(dtype=np.float64) < LARGEST / 2:
        return total(values)
    low = total(values & LOW)
    high = total(values >> LOW_BITS) + (low >> LOW_BITS)
    return np.where(high >> (LOW_BITS - 1), LARGEST, (high << LOW_BITS) | (low & LOW))
