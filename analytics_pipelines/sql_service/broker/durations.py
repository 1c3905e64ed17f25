"""How long statements took lately, so that one known to be long need not be tried as a newcomer first."""

import hashlib
from collections import OrderedDict

from analytics_pipelines.sql_service.broker.normal_form import normal_form

MOST_KNOWN = 10_000
WEIGHT_OF_LAST = 0.5


def fingerprint(sql: str) -> bytes:
    """16 bytes for a statement, equal for those that differ in comments and white space; parameters have no part."""
    return hashlib.sha256(normal_form(sql).encode(errors="surrogatepass")).digest()[:16]


class Durations:
    """By fingerprint, of the statements that ran last; over one generation, since another has other data."""

    def __init__(self, slice_s: float, most_known: int = MOST_KNOWN) -> None:
        self._slice_s = slice_s
        self._most_known = most_known
        self._generation = ""
        self._known: OrderedDict[bytes, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def is_long(self, statement: bytes) -> bool:
        """Whether it takes longer than a newcomer's slice; one that is not known does not."""
        return self._known.get(statement, 0.0) > self._slice_s

    def took(self, statement: bytes, seconds: float, generation: str) -> None:
        """It ran to its end in that time, over that generation."""
        if self._is_of_now(generation):
            before = self._known.get(statement, seconds)
            self._keep(statement, before + WEIGHT_OF_LAST * (seconds - before))

    def took_longer_than(self, statement: bytes, seconds: float, generation: str) -> None:
        """It was stopped after that time, over that generation."""
        if self._is_of_now(generation):
            self._keep(statement, max(self._known.get(statement, 0.0), 2 * seconds))

    def new_generation(self, generation: str) -> None:
        """Forget what was known over another generation."""
        if generation != self._generation:
            self._generation = generation
            self._known.clear()

    def _is_of_now(self, generation: str) -> bool:
        return generation == self._generation

    def _keep(self, statement: bytes, seconds: float) -> None:
        self._known[statement] = seconds
        self._known.move_to_end(statement)
        if len(self._known) > self._most_known:
            self._known.popitem(last=False)
