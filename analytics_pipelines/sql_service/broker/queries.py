"""Which queries wait and run, and what became of the last ones."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.broker.statistics import shown_s
from analytics_pipelines.sql_service.errors import ErrorClass, QueryNotFound

MOST_RECENT = 200
MOST_SHOWN = 4_000
"""Characters of SQL; a statement may have many more, and so may each of 200."""


class QueryState(StrEnum):
    """Of a query."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Query:
    """One, as far as it has got."""

    query_id: str
    caller: Caller
    does: str
    sql: str
    """Its first `MOST_SHOWN` characters; of a batch the statements, one below the other."""
    asked_at: datetime
    asked_at_s: float
    """The same on the clock that only goes forward."""
    state: QueryState = QueryState.QUEUED
    is_long: bool = False
    started_at: datetime | None = None
    started_at_s: float | None = None
    ended_at_s: float | None = None
    rows: int = 0
    error_class: ErrorClass | None = None
    is_cached: bool = False

    def told(self, now_s: float) -> dict[str, Any]:
        """As JSON; `seconds` since it was asked for, `waited_seconds` of them before it was last started."""
        until_s = now_s if self.ended_at_s is None else self.ended_at_s
        waited_until_s = until_s if self.started_at_s is None else self.started_at_s
        return {
            "query_id": self.query_id,
            "user": self.caller.name,
            "does": self.does,
            "sql": self.sql,
            "state": self.state.value,
            "is_long": self.is_long,
            "is_cached": self.is_cached,
            "asked_at": self.asked_at.isoformat(),
            "started_at": None if self.started_at is None else self.started_at.isoformat(),
            "seconds": shown_s(until_s - self.asked_at_s),
            "waited_seconds": shown_s(waited_until_s - self.asked_at_s),
            "rows": self.rows,
            "error_class": None if self.error_class is None else self.error_class.value,
        }


class Queries:
    """Those that wait or run, by id, and the last that ended; `now` is in UTC, `clock` in seconds."""

    def __init__(self, now: Callable[[], datetime], clock: Callable[[], float], most_recent: int = MOST_RECENT) -> None:
        self._now = now
        self._clock = clock
        self._alive: OrderedDict[str, Query] = OrderedDict()
        self._recent: deque[Query] = deque(maxlen=most_recent)

    def __contains__(self, query_id: object) -> bool:
        """Whether it waits or runs."""
        return query_id in self._alive

    def asked(self, query_id: str, caller: Caller, does: str, sql: str) -> Query:
        """One more waits."""
        shown = sql if len(sql) <= MOST_SHOWN else sql[: MOST_SHOWN - 1] + "…"
        query = Query(query_id, caller, does, shown, asked_at=self._now(), asked_at_s=self._clock())
        self._alive[query_id] = query
        return query

    def started(self, query_id: str, is_long: bool) -> None:
        """It runs; one that was put back, for another time."""
        query = self._alive[query_id]
        query.state, query.is_long = QueryState.RUNNING, is_long
        query.started_at, query.started_at_s = self._now(), self._clock()

    def lengthened(self, query_id: str) -> None:
        """It runs on as a long one."""
        self._alive[query_id].is_long = True

    def put_back(self, query_id: str) -> None:
        """It waits again, as a long one."""
        query = self._alive[query_id]
        query.state, query.is_long, query.started_at, query.started_at_s = QueryState.QUEUED, True, None, None

    def ended(
        self, query_id: str, error_class: ErrorClass | None, rows: int = 0, is_cached: bool = False
    ) -> Query | None:
        """It is over; None of one that was already, and nothing happens."""
        query = self._alive.pop(query_id, None)
        if query is None:
            return None
        query.state = _state_of(error_class)
        query.error_class, query.rows, query.is_cached = error_class, rows, is_cached
        query.ended_at_s = self._clock()
        self._recent.appendleft(query)
        return query

    def alive(self, query_id: str, caller: Caller) -> Query:
        """One that waits or runs and that the caller may see; raises `QueryNotFound`."""
        query = self._alive.get(query_id)
        if query is None or not _may_see(caller, query):
            raise QueryNotFound("No query of this id waits or runs.", remedy="See GET /api/v1/duckdb/queries.")
        return query

    def of(self, caller: Caller) -> dict[str, list[dict[str, Any]]]:
        """What the caller may see, admins all: `running` (and waiting) from the oldest, `recent` from the last."""
        now_s = self._clock()
        return {
            "running": [query.told(now_s) for query in self._alive.values() if _may_see(caller, query)],
            "recent": [query.told(now_s) for query in self._recent if _may_see(caller, query)],
        }


def _may_see(caller: Caller, query: Query) -> bool:
    return caller.rights is Rights.ADMIN or caller.name == query.caller.name


def _state_of(error_class: ErrorClass | None) -> QueryState:
    if error_class is None:
        return QueryState.SUCCEEDED
    return QueryState.CANCELLED if error_class is ErrorClass.CANCELLED else QueryState.FAILED
