"""A batch cut into the texts of its events, so that one that can not be read leaves the others alone."""

import json
import re
from dataclasses import dataclass, field
from itertools import pairwise

STRING = rb'"(?:[^"\\]|\\.)*+"'
STRING_OR_MARK = re.compile(STRING + rb"|[\[\]{},:]", re.DOTALL)
NEXT_OF_LIST = re.compile(rb'(?:[^\[\]{},"]|' + STRING + rb")*+[\[\]{},]", re.DOTALL)
NEXT_BRACKET = re.compile(rb'(?:[^\[\]{}"]|' + STRING + rb")*+[\[\]{}]", re.DOTALL)
OPENING, CLOSING = frozenset(b"[{"), frozenset(b"]}")


@dataclass(frozen=True, slots=True)
class Pieces:
    """The list's elements as they were written, and what stood around it with the list left empty."""

    events: list[bytes]
    rest: bytes


@dataclass(slots=True)
class _Scan:
    """One pass over the text: brackets are counted, strings skipped, the list's commas noted."""

    body: bytes
    name: bytes
    root: bytes = b""
    depth: int = 0
    key: bytes = b""
    cuts: list[int] = field(default_factory=list)
    end: int = -1

    def step(self, begin: int) -> int:
        """Take the next mark that matters from `begin` on; where it ends, or -1 when there is none."""
        if self._is_in_list:
            found = NEXT_OF_LIST.match(self.body, begin)
        elif self.depth > 1:
            found = NEXT_BRACKET.match(self.body, begin)
        else:
            found = STRING_OR_MARK.search(self.body, begin)
        if found is None:
            return -1
        at = found.end() - 1
        mark = found[0] if found[0][:1] == b'"' and found[0][-1:] == b'"' else self.body[at : at + 1]
        self._take(mark, at)
        return at + 1

    def _take(self, mark: bytes, at: int) -> None:
        self.root = self.root or mark
        if mark[0] in OPENING:
            self._open(mark, at)
        elif mark[0] in CLOSING:
            self._close(at)
        elif mark == b",":
            self._part(at)
        elif mark != b":" and self.depth == 1 and self.root == b"{":
            self.key = self.key or mark

    def _open(self, mark: bytes, at: int) -> None:
        self.depth += 1
        if mark == b"[" and self.depth == self._listed_at and self.key == self._wanted:
            self.cuts, self.end = [at], -1

    def _close(self, at: int) -> None:
        if self._is_in_list:
            self.end = at
        self.depth -= 1

    def _part(self, at: int) -> None:
        if self._is_in_list:
            self.cuts.append(at)
        elif self.depth == 1:
            self.key = b""

    @property
    def _listed_at(self) -> int:
        return 1 if self.root == b"[" else 2

    @property
    def _wanted(self) -> bytes:
        return b"" if self.root == b"[" else self.name

    @property
    def _is_in_list(self) -> bool:
        return bool(self.cuts) and self.end < 0 and self.depth == self._listed_at


def split_batch(body: bytes, name: str, most: int) -> Pieces | None:
    """The events of a list, or of the list `name` in an object; None when there is none or it does not end.

    Only the brackets were looked at: the pieces, and the rest too, may be anything but balanced JSON. Of more than
    `most` events the first `most` + 1 are told.
    """
    scan = _Scan(body, json.dumps(name).encode())
    place = 0
    while place >= 0 and len(scan.cuts) <= most + 1:
        place = scan.step(place)
    if place >= 0:
        return _pieces(body, scan.cuts)
    if scan.end < 0 or scan.depth:
        return None
    return _pieces(body, [*scan.cuts, scan.end])


def _pieces(body: bytes, edges: list[int]) -> Pieces:
    events = [body[begin + 1 : end].strip() for begin, end in pairwise(edges)]
    return Pieces([] if events == [b""] else events, body[: edges[0] + 1] + body[edges[-1] :])
