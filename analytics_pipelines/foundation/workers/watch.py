"""How long a job may still take, and whether anybody still wants it."""

import time
from collections.abc import Callable

from analytics_pipelines.foundation.errors import TimedOut
from analytics_pipelines.foundation.workers.outcomes import Cancelled

LOOK_EVERY_S = 0.2


class Watch:
    """Asked again and again while somebody waits; asks `wanted` five times a second, and never about a short job."""

    def __init__(self, deadline_s: float, wanted: Callable[[], bool] | None) -> None:
        self._deadline_s = deadline_s
        self._wanted = wanted
        now = time.monotonic()
        self._ends_at = now + deadline_s
        self._looks_at = now + LOOK_EVERY_S

    def wait_s(self) -> float:
        """How long to wait until asking again; raises `TimedOut`, `Cancelled`."""
        now = time.monotonic()
        if now >= self._ends_at:
            raise TimedOut(
                "The work was stopped at its deadline.",
                limit=format(self._deadline_s, "g") + " s",
                remedy="Ask for less at once: fewer rows or columns.",
            )
        if self._wanted is not None and now >= self._looks_at:
            self._looks_at = now + LOOK_EVERY_S
            if not self._wanted():
                raise Cancelled("The work was cancelled.")
        return min(LOOK_EVERY_S, self._ends_at - now)
