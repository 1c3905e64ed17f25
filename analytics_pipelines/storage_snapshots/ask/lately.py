"""A few answers that were dear to make, kept for as long as they are among the last asked for."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Lately(Generic[Answer]):
    """At most `most` answers; the one not asked for longest goes first. Threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = Lock()

    def of(self, question: Hashable, make: Callable[[], Answer]) -> Answer:
        """The kept answer, else what `make` gives; two that ask at the same time may both make it."""
        with self._lock:
            if question in self._kept:
                self._kept.move_to_end(question)
                return self._kept[question]
        made = make()
        with self._lock:
            self._kept[question] = made
            self._kept.move_to_end(question)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
