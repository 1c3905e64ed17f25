"""Where pyarrow writes to, so that what it wrote can be handed on piece by piece."""

import io
from collections.abc import Iterable, Iterator
from typing import Any

LEAST_PART_BYTES = 2**16
MOST_PART_BYTES = 2**20


class Sink(io.RawIOBase):
    """A file that only grows; `taken` empties it."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, content: Any) -> int:
        """Keep the bytes; how many they are."""
        # pyarrow hands over its own buffers too, and they are gone afterwards.
        piece = content if isinstance(content, bytes) else bytes(content)
        self._pieces.append(piece)
        self._written += len(piece)
        return len(piece)

    def tell(self) -> int:
        """How many bytes were written ever."""
        return self._written

    def taken(self) -> list[bytes]:
        """What was written since the last call."""
        pieces, self._pieces = self._pieces, []
        return pieces


def parts_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of 64 KiB to 1 MiB; the last one may be shorter."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= LEAST_PART_BYTES:
            yield from _cut(b"".join(waiting))
            waiting, size = [], 0
    if size:
        yield from _cut(b"".join(waiting))


def _cut(content: bytes) -> Iterator[bytes]:
    if len(content) <= MOST_PART_BYTES:
        yield content
        return
    for start in range(0, len(content), MOST_PART_BYTES):
        yield content[start : start + MOST_PART_BYTES]
