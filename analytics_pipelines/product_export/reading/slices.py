"""A table cut into ranges of pages that are read apart: in the heap's order, each about as large as a row group.

The cuts depend on the size of the heap by powers of two only, so that an unchanged table gives the same file again
though its statistics were made anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log2

from analytics_pipelines.product_export.source.described import Leaf, SourceTable

PAGE_BYTES = 8192
PAGE_LINES = 2048
"""More rows than any page holds."""
USUAL_ROWS = 2**16.5
"""Aimed at; by powers of two of pages it becomes 65,536 to 131,072 rows."""
MOST_BYTES = 48 * 2**20
"""Of a slice at the source, what lies outside the heap (TOAST) counted in: it bounds the memory of a reader."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of a leaf from place `first` on, up to place `end`, or to the end; of no leaf: the whole table or view.

    A place is a page times `PAGE_LINES` and the line of a row in it.
    """

    leaf: Leaf | None = None
    first: int = 0
    end: int | None = None

    @property
    def places(self) -> int:
        """How many there are; 0 where they are not known."""
        if self.leaf is None:
            return 0
        return (self.leaf.pages * PAGE_LINES if self.end is None else self.end) - self.first

    def cut(self, places: int) -> "list[Slice]":
        """The same rows in smaller ranges of so many places; what is no heap stays in one piece."""
        if self.leaf is None:
            return [self]
        firsts = range(self.first, self.first + max(self.places, 1), places)
        last = firsts[-1]
        return [Slice(self.leaf, first, self.end if first == last else first + places) for first in firsts]


def slices_of(source: SourceTable) -> tuple[Slice, ...]:
    """All slices, leaf after leaf; a single one where there is no heap."""
    return tuple(_slices(source)) if source.has_heaps else (Slice(),)


def pages_of_slice(source: SourceTable) -> int:
    """Pages that one slice has at most: a power of two."""
    pages = max(1, sum(leaf.pages for leaf in source.leaves))
    by_size = MOST_BYTES * pages / max(source.size_bytes, pages * PAGE_BYTES)
    by_rows = USUAL_ROWS * pages / source.estimated_rows if source.estimated_rows > 0 else by_size
    return 1 << max(0, min(int(log2(by_size)), round(log2(by_rows))))


def _slices(source: SourceTable) -> Iterator[Slice]:
    pages = pages_of_slice(source)
    for leaf in source.leaves:
        # The last is open: whatever the heap had grown to when it was described, none of its rows is left out.
        yield from Slice(leaf).cut(pages * PAGE_LINES)
