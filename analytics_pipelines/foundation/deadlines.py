"""One thread of the process that stops what runs past its deadline; a thread for each query costs more than the query.

with DEADLINES.watched(cursor.interrupt, deadline_s=30):
    cursor.execute(...)
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

AGAIN_AFTER_S = 0.01


class Deadlines:
    """Calls `stop` again and again once a deadline has passed, and never after its `with` has ended."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: dict[int, tuple[float, Callable[[], None]]] = {}
        self._numbers = count()
        self._wakes_at = math.inf
        self._thread: threading.Thread | None = None

    @contextmanager
    def watched(self, stop: Callable[[], None], deadline_s: float) -> Iterator[None]:
        """Have the body stopped at its deadline; `stop` must neither wait nor raise.

        It is called repeatedly, because what stops one statement can be lost between two.
        """
        number = next(self._numbers)
        ends_at = time.monotonic() + deadline_s
        with self._changed:
            self._running[number] = (ends_at, stop)
            if self._thread is None or not self._thread.is_alive():  # a fork leaves the thread behind
                self._start()
            elif ends_at < self._wakes_at:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                del self._running[number]

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._watch, name="deadlines", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                overdue = [stop for ends_at, stop in self._running.values() if ends_at <= now]
                for stop in overdue:
                    stop()
                soonest = min((ends_at for ends_at, _ in self._running.values()), default=math.inf)
                self._wakes_at = now + AGAIN_AFTER_S if overdue else soonest
                self._changed.wait(None if math.isinf(self._wakes_at) else max(0.0, self._wakes_at - time.monotonic()))


DEADLINES = Deadlines()
"""That of this process."""
