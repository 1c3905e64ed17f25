"""What became of queries, counted: in all, by class of error and by user."""

import math
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from analytics_pipelines.sql_service.errors import ErrorClass

WINDOW = 10_000
"""Queries whose times the percentiles are of."""
RECENT = 20
MOST_USERS = 500
SLOW_S, VERY_SLOW_S = 1, 5


@dataclass(slots=True)
class _Sums:
    queries: int = 0
    failures: int = 0
    cached: int = 0
    seconds: float = 0.0
    rows: int = 0

    def add(self, other: "_Sums") -> None:
        self.queries += other.queries
        self.failures += other.failures
        self.cached += other.cached
        self.seconds += other.seconds
        self.rows += other.rows

    def told(self) -> dict[str, Any]:
        return {
            "queries": self.queries,
            "failures": self.failures,
            "cached": self.cached,
            "seconds": shown_s(self.seconds),
            "rows": self.rows,
        }


class Statistics:
    """Since the start; users that have not asked for longest are counted together past `MOST_USERS`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began_s = clock()
        self._all = _Sums()
        self._users: OrderedDict[str, _Sums] = OrderedDict()
        self._others = _Sums()
        self._errors: Counter[ErrorClass] = Counter()
        self._times: deque[float] = deque(maxlen=WINDOW)
        self._over_1s = 0
        self._over_5s = 0

    @property
    def uptime_s(self) -> float:
        """Seconds that it has counted for."""
        return self._clock() - self._began_s

    def ended(
        self, user: str, error_class: ErrorClass | None, seconds: float, rows: int = 0, *, is_cached: bool = False
    ) -> None:
        """A query is over after so many seconds since it was asked for: answered (None) or failed like this."""
        one = _Sums(1, int(error_class is not None), int(is_cached), seconds, rows)
        self._all.add(one)
        self._sums_of(user).add(one)
        self._times.append(seconds)
        self._over_1s += seconds > SLOW_S
        self._over_5s += seconds > VERY_SLOW_S
        if error_class is not None:
            self._errors[error_class] += 1

    def told(self) -> dict[str, Any]:
        """Parts of the `statistics` answer: `metrics`, `performance`, `errors`, `users`, `other_users`.

        Times are in seconds since the query was asked for, rates in percent, `recent_query_times` from the last;
        percentiles are of the last 10,000 queries, all else since the start.
        """
        return {
            "metrics": self._metrics(),
            "performance": {
                "recent_query_times": [
                    shown_s(time) for time, _ in zip(reversed(self._times), range(RECENT), strict=False)
                ],
                "queries_over_1s": self._over_1s,
                "queries_over_5s": self._over_5s,
            },
            "errors": {each.value: self._errors[each] for each in ErrorClass},
            "users": [{"user": user, **sums.told()} for user, sums in reversed(self._users.items())],
            "other_users": self._others.told(),
        }

    def _metrics(self) -> dict[str, Any]:
        count, ordered = self._all.queries, sorted(self._times)
        return {
            "total_queries": count,
            "success_rate": shown_pct(count - self._all.failures, count),
            "cached_answers": self._all.cached,
            "rows": self._all.rows,
            "avg_query_time": shown_s(self._all.seconds / count) if count else 0.0,
            "p50_query_time": shown_s(percentile(ordered, 50)),
            "p95_query_time": shown_s(percentile(ordered, 95)),
            "p99_query_time": shown_s(percentile(ordered, 99)),
        }

    def _sums_of(self, user: str) -> _Sums:
        sums = self._users.setdefault(user, _Sums())
        self._users.move_to_end(user)
        if len(self._users) > MOST_USERS:
            _, dropped = self._users.popitem(last=False)
            self._others.add(dropped)
        return sums


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The smallest that so many percent are not above (nearest rank); 0 of none."""
    return ordered[math.ceil(percent * len(ordered) / 100) - 1] if ordered else 0.0


def shown_s(seconds: float) -> float:
    """For an answer: to the microsecond, without what the clock's subtraction leaves behind it."""
    return round(seconds, 6)


def shown_pct(part: int, whole: int) -> float:
    """For an answer: percent to two digits; all of nothing is 100."""
    return round(100.0 * part / whole, 2) if whole else 100.0
