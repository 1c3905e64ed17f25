"""The names of a generation in memory, where a text is found ten times as fast as in `hot_fs__names`.

Names that follow each other and are the same are kept once, one after another without a gap in one text: some 17 bytes
an entry with the pieces of names. They are read when the generation is first searched, and not at all if they are many.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics_pipelines.foundation.duck import batches_of
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.storage_snapshots.ask.name_index import grams
from analytics_pipelines.storage_snapshots.hot.tables import GRAMS, NAMES, NAMES_PER_BLOCK

MOST_NAMES = 8_000_000
ROWS_AT_ONCE = 250_000
BLOCKS_AT_ONCE = 32
"""Python does nothing else while it looks through so many."""
FEW_SIEVED, MANY_SIEVED = 128, 1024
_Run = tuple[int, int, int]
"""Which name, and its first position and end among those that are looked for."""


class _OutOfOrder(Exception):
    """The tables do not stand in their order."""


@dataclass(frozen=True, slots=True)
class KeptGrams:
    """For each piece of names, in order, the blocks that have it, in order."""

    grams: NDArray[np.int64]
    ends: NDArray[np.int64]
    """Where each piece's blocks end in `blocks`, after a zero."""
    blocks: NDArray[np.int32]

    def candidates(self, wanted: Collection[int], block_count: int) -> Sequence[int]:
        """Blocks that have all these pieces, in order."""
        if not wanted:
            return range(block_count)
        rarest, *others = sorted((self._blocks(gram) for gram in wanted), key=len)
        for each in others:
            rarest = rarest[np.isin(rarest, each, assume_unique=True, kind="table")] if len(rarest) else rarest
        found: list[int] = rarest.tolist()
        return found

    def blocks_with(self, wanted: Collection[int]) -> int:
        """At most so many blocks have all these pieces."""
        return min((len(self._blocks(gram)) for gram in wanted), default=len(self.blocks))

    def _blocks(self, gram: int) -> NDArray[np.int32]:
        at = int(np.searchsorted(self.grams, gram))
        is_there = at < len(self.grams) and self.grams[at] == gram
        return self.blocks[self.ends[at] : self.ends[at + 1]] if is_there else self.blocks[:0]


@dataclass(frozen=True, slots=True)
class KeptNames:
    """Runs of equal names: their text, where each begins in it, and the position of its first entry."""

    text: bytes
    begins: Sequence[int]
    firsts: Sequence[int]
    """As `begins` with one more at the end: the number of entries."""
    grams: KeptGrams

    @staticmethod
    def of(lease: Lease) -> "KeptNames | None":
        """Read once for each generation; None while another thread reads them, and if there are too many."""
        making: _Making = lease.remembered("storage_snapshots.kept_names", lambda _: _Making())
        return making.names(lease)

    def finding(
        self, texts: Collection[str], blocks: Sequence[int], *, least: int, most_tried: int, sieve: str | None = None
    ) -> "Finding":
        """Positions from `least` on, in these blocks, of names that hold all the texts, at least one."""
        rarest = sorted(texts, key=lambda text: (self.grams.blocks_with(grams([text], len(text))), -len(text)))
        needle, *others = (each.encode() for each in rarest)
        return Finding(self, needle, others, blocks, least, most_tried, sieve)


@dataclass(slots=True)
class Finding:
    """Positions in order, found as they are asked for."""

    names: KeptNames
    needle: bytes
    others: Sequence[bytes]
    blocks: Sequence[int]
    least: int
    most_tried: int
    sieve: str | None
    """An RE2 pattern that the small letters of every match match, without regard to case."""
    stopped_at: int | None = None
    """Where it gave up, since so many names had the rarest text; all before it are found."""
    tried: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[int]:
        runs = self._runs() if self.sieve is None else self._sieved(self._runs(), self.sieve)
        for _, first, end in runs:
            yield from range(first, end)

    def _runs(self) -> Iterator[_Run]:
        for first, end in _spans(self.blocks):
            if end > self.least and self.stopped_at is None:
                yield from self._within(max(first, self.least), end)

    def _sieved(self, runs: Iterator[_Run], sieve: str) -> Iterator[_Run]:
        text, begins = self.names.text, self.names.begins
        size = FEW_SIEVED
        while some := list(islice(runs, size)):
            names = pa.array([text[begins[run] : begins[run + 1]].decode() for run, _, _ in some], pa.string())
            yield from compress(some, _passing(names, sieve))
            size = MANY_SIEVED

    def _within(self, first: int, end: int) -> Iterator[_Run]:
        text, begins, firsts, needle = self.names.text, self.names.begins, self.names.firsts, self.needle
        stop = begins[bisect_left(firsts, end, hi=len(firsts) - 1)]
        at = text.find(needle, begins[bisect_right(firsts, first, hi=len(firsts) - 1) - 1], stop)
        while at >= 0:
            run = bisect_right(begins, at) - 1
            begin, following = begins[run], begins[run + 1]
            if at + len(needle) > following:
                at = text.find(needle, at + 1, stop)
                continue
            if self.tried >= self.most_tried:
                self.stopped_at = max(first, firsts[run])
                return
            self.tried += 1
            if all(text.find(each, begin, following) >= 0 for each in self.others):
                yield run, max(first, firsts[run]), min(end, firsts[run + 1])
            at = text.find(needle, following, stop)


def _passing(names: pa.StringArray, sieve: str) -> list[bool]:
    """Which names match; all of them if the pattern takes more memory without regard to case than it may have."""
    try:
        passing: list[bool] = pc.match_substring_regex(names, pattern=sieve, ignore_case=True).to_pylist()
    except pa.ArrowInvalid:
        return [True] * len(names)
    return passing


@dataclass(slots=True)
class _Making:
    """Sees to it that one thread makes them while others go without."""

    lock: Lock = field(default_factory=Lock)
    is_made: bool = False
    found: KeptNames | None = None

    def names(self, lease: Lease) -> KeptNames | None:
        if not self.is_made and self.lock.acquire(blocking=False):
            try:
                if not self.is_made:
                    self.found = _kept(lease)
                    self.is_made = True
            finally:
                self.lock.release()
        return self.found


def _spans(blocks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First position and end of blocks that follow each other."""
    first = end = None
    for block in blocks:
        if first is None or block != end or block - first >= BLOCKS_AT_ONCE:
            if first is not None and end is not None:
                yield first * NAMES_PER_BLOCK, end * NAMES_PER_BLOCK
            first = block
        end = block + 1
    if first is not None and end is not None:
        yield first * NAMES_PER_BLOCK, end * NAMES_PER_BLOCK


def _kept(lease: Lease) -> KeptNames | None:
    (count,) = lease.tuples(from_file(__package__, "name_count").fill(names=lease.table(NAMES.name)))[0]
    if count > MOST_NAMES:
        return None
    try:
        return _read(lease)
    except _OutOfOrder:
        return None


def _read(lease: Lease) -> KeptNames:
    texts: list[bytes] = []
    begins, firsts = [np.zeros(1, np.int64)], [np.zeros(1, np.int64)]

    def keep(batch: pa.RecordBatch) -> None:
        position = int(firsts[-1][-1])
        if not np.array_equal(batch.column(0).to_numpy(), np.arange(position, position + len(batch))):
            raise _OutOfOrder
        runs = pc.run_end_encode(batch.column(1).cast(pa.large_string()))
        lengths = pc.binary_length(runs.values).to_numpy()
        begins.append(begins[-1][-1] + np.cumsum(lengths))
        firsts.append(position + runs.run_ends.to_numpy().astype(np.int64))
        texts.append(b"" if not lengths.sum() else _text(runs.values))

    _each_batch(lease, "kept_names", keep)
    return KeptNames(b"".join(texts), _numbers(begins), _numbers(firsts), _read_grams(lease))


def _text(values: pa.LargeStringArray) -> bytes:
    ends = np.frombuffer(values.buffers()[1], np.int64)[values.offset : values.offset + len(values) + 1]
    found: bytes = values.buffers()[2].slice(int(ends[0]), int(ends[-1] - ends[0])).to_pybytes()
    return found


def _numbers(parts: Sequence[NDArray[np.int64]]) -> Sequence[int]:
    """As small as they can be; bisection takes Python's own sequence ten times as fast as an array of numpy's."""
    joined = np.concatenate(parts)
    return memoryview(joined.astype(np.int32).data if joined[-1] < 2**31 else joined.data)


def _read_grams(lease: Lease) -> KeptGrams:
    numbers: list[NDArray[np.int64]] = []
    blocks: list[NDArray[np.int32]] = []

    def keep(batch: pa.RecordBatch) -> None:
        numbers.append(batch.column(0).to_numpy())
        blocks.append(batch.column(1).to_numpy().astype(np.int32))

    _each_batch(lease, "kept_grams", keep)
    all_grams = np.concatenate([np.zeros(0, np.int64), *numbers])
    all_blocks = np.concatenate([np.zeros(0, np.int32), *blocks])
    steps = np.diff(all_grams)
    if np.any(steps < 0) or np.any((steps == 0) & (np.diff(all_blocks) <= 0)):
        raise _OutOfOrder
    starts = np.concatenate([np.zeros(min(1, len(all_grams)), np.int64), np.flatnonzero(steps) + 1])
    return KeptGrams(all_grams[starts], np.append(starts, len(all_grams)), all_blocks)


def _each_batch(lease: Lease, query: str, keep: Callable[[pa.RecordBatch], None]) -> None:
    text = from_file(__package__, query)
    filled = text.fill(names=lease.table(NAMES.name), grams=lease.table(GRAMS.name))
    with lease.cursor() as cursor:
        for batch in batches_of(cursor, filled, {}, ROWS_AT_ONCE):
            keep(batch)
