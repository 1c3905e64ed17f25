"""Counts how often each text was met, in 12 bytes a slot: a log's lines may be many, and nearly all are distinct.

A dictionary of their digests would take some 200 bytes a line. Here the first 63 bits of a digest stand for it in an
open-addressed table of machine integers: 10 million lines take 200 MB, 300 MB for the moment in which it grows.
"""

from array import array

FIRST_SLOTS = 1 << 12
FULL = 0.75
DIGITS = 16
USED = 1 << 63
"""Set in each slot that is taken, so that 0 can stand for a free one."""


class Occurrences:
    """Counts by digest; two digests that share 63 bits (once in millions of logs) share a count, too."""

    def __init__(self) -> None:
        self._take(FIRST_SLOTS)

    def count(self, digest: str) -> int:
        """How often this digest was met, this time included; it is hexadecimal."""
        key = int(digest[:DIGITS], 16) | USED
        slot = self._slot_of(key)
        if not self._counts[slot]:
            self._keys[slot] = key
            self._used += 1
            if self._used > self._most:
                self._grow()
                slot = self._slot_of(key)
        self._counts[slot] += 1
        return self._counts[slot]

    def _slot_of(self, key: int) -> int:
        """Where the key stands, or the free slot where it would."""
        keys, mask = self._keys, self._mask
        slot = key & mask
        while (found := keys[slot]) and found != key:
            slot = (slot + 1) & mask
        return slot

    def _take(self, slots: int) -> None:
        self._keys = array("Q", [0]) * slots
        self._counts = array("I", [0]) * slots
        self._mask = slots - 1
        self._most = int(slots * FULL)
        self._used = 0

    def _grow(self) -> None:
        keys, counts = self._keys, self._counts
        self._take(2 * len(keys))
        for key, count in zip(keys, counts, strict=True):
            if key:
                slot = self._slot_of(key)
                self._keys[slot], self._counts[slot] = key, count
                self._used += 1
