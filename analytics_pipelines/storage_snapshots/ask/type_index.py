"""What each folder of the newest snapshots holds by extension, in memory: found without a query.

Made for a generation by the first question that needs it, in 50 bytes for each extension of a folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file, names
from analytics_pipelines.storage_snapshots.ask.folder_index import Numbers, numbers
from analytics_pipelines.storage_snapshots.hot.tables import TYPES

REMEMBERED = "storage_snapshots.type_index"
MOST_TYPES = 2_000_000
"""Past this they are looked up in the hot table, so that an index takes 0.1 GB at most."""
COLUMNS = (
    *("file_count", "size_bytes", "allocated_bytes"),
    *("own_file_count", "own_size_bytes", "own_allocated_bytes"),
)


@dataclass(frozen=True, slots=True)
class TypeIndex:
    """Rows by share, folder and extension."""

    spans: Mapping[str, tuple[int, int]]
    """Where a share's rows begin and end."""
    positions: Numbers
    extensions: tuple[str, ...]
    extension_of: Numbers
    columns: tuple[Numbers, ...]

    def rows(self, share: str, pre: int) -> list[tuple[str | int, ...]]:
        """Extension and `COLUMNS` of the folder at that position, by extension; none where it holds no file."""
        first, end = self.spans.get(share, (0, 0))
        start, stop = first + np.searchsorted(self.positions[first:end], (pre, pre + 1))
        parts = [column[start:stop].tolist() for column in self.columns]
        told = (self.extensions[each] for each in self.extension_of[start:stop].tolist())
        return list(zip(told, *parts, strict=True))


def type_index(lease: Lease) -> TypeIndex | None:
    """The index of the lease's newest snapshots, made once; None where there are too many rows for one.

    Raises `TimedOut`. Ask only where the generation holds `hot.tables.TYPES`.
    """
    return lease.remembered(REMEMBERED, _made)


def _made(lease: Lease) -> TypeIndex | None:
    types = lease.table(TYPES.name)
    ((count,),) = lease.tuples(from_file(__package__, "row_count").fill(table=types))
    if count > MOST_TYPES:
        return None
    rows = lease.arrow(from_file(__package__, "type_index").fill(columns=names(COLUMNS), types=types))
    shares = rows["share"].combine_chunks().dictionary_encode()
    of_share = shares.indices.to_numpy()
    bounds = np.searchsorted(of_share, np.arange(len(shares.dictionary) + 1)).tolist()
    extensions = rows["extension"].combine_chunks().dictionary_encode()
    return TypeIndex(
        dict(zip(shares.dictionary.to_pylist(), pairwise(bounds), strict=True)),
        numbers(rows["pre"]),
        tuple(extensions.dictionary.to_pylist()),
        extensions.indices.to_numpy(),
        tuple(numbers(rows[each]) for each in COLUMNS),
    )
