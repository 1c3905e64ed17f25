"""A rest for a service that fails for reasons of its own, so that callers hear so at once and it can recover.

Closed, it lets everyone in; as many failures of `FEEDS_BREAKER` in a row as `failures` open it. Open, it lets nobody
in for `rest_s`. Then, half open, it lets one in at a time: an answer closes it, a failure opens it anew. Users'
mistakes and cancellations say nothing about the service: they neither count nor break a row, and a trial that ends so
makes room for another. What was let in before the breaker last changed its mind is history and changes nothing.

    admitted = breaker.admit()
    breaker.ended(None, admitted)
"""

import math
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from analytics_pipelines.sql_service.broker.statistics import shown_pct
from analytics_pipelines.sql_service.errors import FEEDS_BREAKER, CircuitBreakerOpenException, ErrorClass

LAST_ENDS = 100
TRIAL_RETRY_S = 1


class State(StrEnum):
    """Of the breaker."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CircuitBreaker:
    """Whoever is let in has to be told of as ended, whatever became of it."""

    def __init__(self, failures: int, rest_s: float, clock: Callable[[], float]) -> None:
        self._most_failures = failures
        self._rest_s = rest_s
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._has_trial = False
        self._term = 0
        """Goes up with every change of mind; an end counts in the term of its admission alone."""
        self._answered: deque[bool] = deque(maxlen=LAST_ENDS)

    @property
    def state(self) -> State:
        """As it is now: an open one is half open once it has rested."""
        if self._opened_at is None:
            return State.CLOSED
        return State.OPEN if self._rest_left_s() > 0 else State.HALF_OPEN

    def admit(self) -> int:
        """Let one in; the number is to be given to `ended`.

        Raises `CircuitBreakerOpenException` with what is left of the rest, or while a trial is under way.
        """
        if self.state is State.CLOSED:
            return self._term
        if self.state is State.OPEN:
            raise self._resting(math.ceil(self._rest_left_s()))
        if self._has_trial:
            raise self._resting(TRIAL_RETRY_S)
        self._has_trial = True
        return self._term

    def ended(self, error_class: ErrorClass | None, admitted: int) -> None:
        """One that was let in has ended: answered (None), or failed like this."""
        is_failure = error_class in FEEDS_BREAKER
        if is_failure or error_class is None:
            self._answered.append(not is_failure)
        if admitted != self._term:
            return
        self._has_trial = False
        if is_failure:
            self._failed()
        elif error_class is None:
            self._worked()

    def reset(self) -> None:
        """Close it, and forget the failures in a row."""
        self._close()

    def told(self) -> dict[str, Any]:
        """For health: `state`, `failure_count` in a row, `success_rate` in percent of the last 100 verdicts."""
        verdicts = self._answered
        rate = shown_pct(sum(verdicts), len(verdicts))
        return {"state": self.state.value, "failure_count": self._failures, "success_rate": rate}

    def _failed(self) -> None:
        self._failures += 1
        if self._opened_at is not None or self._failures >= self._most_failures:
            self._opened_at = self._clock()
            self._term += 1

    def _worked(self) -> None:
        if self._opened_at is None:
            self._failures = 0
        else:
            self._close()

    def _close(self) -> None:
        self._failures = 0
        self._opened_at = None
        self._has_trial = False
        self._term += 1

    def _rest_left_s(self) -> float:
        return 0.0 if self._opened_at is None else self._opened_at + self._rest_s - self._clock()

    def _resting(self, retry_after_s: int) -> CircuitBreakerOpenException:
        return CircuitBreakerOpenException(
            "Too many queries failed for reasons that are the service's own, so it rests.",
            retry_after_s=max(1, retry_after_s),
            limit=f"{self._most_failures} failures in a row",
            remedy="Ask again after the rest.",
        )
