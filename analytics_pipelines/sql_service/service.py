"""SQL for Python callers in the API's process: the older service's interface, over the broker.

    service = DuckDBService.of(settings)
    answer = await service.execute_query("SELECT count(*) FROM core_web__sessions WHERE site_id = $1", ["example"])
    answer.data  # [[1234]]

    async with service.transaction(caller=caller) as session:
        await session.execute_query("CREATE TABLE visits AS SELECT site_id, started_at FROM core_web__sessions")
        await session.execute_query("SELECT site_id, count(*) FROM visits GROUP BY site_id")

Nothing here runs SQL: the broker's workers do, so a route may await these without blocking others.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
import pyarrow as pa

from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.sql_service.allowance import Caller, Rights, allowance_of
from analytics_pipelines.sql_service.client import Answer, BrokerClient, Session
from analytics_pipelines.sql_service.errors import DuckDBException
from analytics_pipelines.sql_service.messages import Ask, Does, Format, Parameters, Statement
from analytics_pipelines.sql_service.places import Places

PYTHON = Caller("python", Rights.ANALYST)
"""Who asks when nobody is named: with the fewest rights."""
GRACE_S = 30.0
"""How much later than at its deadline the broker may tell that a query was stopped."""
PARSED_AT_ONCE_BYTES = 2**18
NO_ANSWER = {
    "status": "degraded",
    "service_initialized": False,
    "database_exists": False,
    "database_size_mb": 0.0,
    "query_test": {"success": False, "execution_time": None},
    "connection_pool": {"total_connections": 0, "available_connections": 0, "max_connections": 0},
    "circuit_breaker": {"state": "open", "failure_count": 0, "success_rate": 0.0},
}
"""Health when the service can not say itself how it is."""


class FetchMode(StrEnum):
    """How much of an answer is wanted, and written how; all but the last three are JSON."""

    ALL = "all"
    ONE = "one"
    MANY = "many"
    ARROW = "arrow"
    CSV = "csv"
    PARQUET = "parquet"

    @property
    def written(self) -> Format:
        """How the rows come."""
        return Format(self.value) if self in {FetchMode.ARROW, FetchMode.CSV, FetchMode.PARQUET} else Format.JSON


@dataclass(frozen=True, slots=True)
class Question:
    """A statement, and how much of its answer is wanted."""

    query: str
    params: Parameters | None = None
    mode: FetchMode = FetchMode.ALL
    limit: int | None = None
    timeout_s: float | None = None

    def ask(self, caller: Caller, many_rows: int) -> Ask:
        """What the broker is asked; `many_rows` are fetched of `many` without a limit."""
        wanted = {FetchMode.ONE: 1, FetchMode.MANY: self.limit or many_rows}.get(self.mode, self.limit)
        return Ask(
            does=Does.QUERY,
            caller=caller,
            statements=(Statement(self.query, self.params),),
            format=self.mode.written,
            limit=wanted,
            timeout_s=self.timeout_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """A whole answer, under the names of the HTTP interface."""

    data: Any
    """Rows as lists of JSON values (docs/sql-types.md); a `pyarrow.Table` of arrow; bytes of csv and parquet."""
    columns: list[dict[str, str]]
    """Each with `name` and DuckDB's `type`."""
    row_count: int
    truncated: bool
    """Whether there are more rows than `limit`, or than one answer may have."""
    execution_time: float
    """Seconds."""
    memory_usage: float
    """Megabytes."""
    query_id: str
    generation: str


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's connection of one's own, until it is returned or its time is over; temporary tables live in it."""

    session: Session
    caller: Caller
    many_rows: int

    async def execute_query(
        self,
        query: str,
        params: Parameters | None = None,
        fetch_mode: str = "all",
        limit: int | None = None,
        timeout_s: float | None = None,
    ) -> QueryResult:
        """As `DuckDBService.execute_query`, on this connection; raises `QueryFailed` too when it is over."""
        question = Question(query, params, FetchMode(fetch_mode), limit, timeout_s)
        async with self.session.ask(question.ask(self.caller, self.many_rows)) as answer:
            return await _whole(answer, question.mode)

    def close(self) -> None:
        """Give it back."""
        self.session.close()


class DuckDBService:
    """What Python callers may ask of the SQL service. One per process; tasks of one event loop share it."""

    def __init__(self, client: BrokerClient, settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self._health: asyncio.Task[dict[str, Any]] | None = None

    @staticmethod
    def of(settings: Settings) -> "DuckDBService":
        """The service of the settings' home; the broker need not run yet."""
        return DuckDBService(BrokerClient(Places.of(settings.home)), settings)

    def ask_for(self, question: Question, caller: Caller) -> Ask:
        """What the broker is asked for a query."""
        return question.ask(caller, self.settings.default_search_limit)

    def patience_s(self, ask: Ask) -> float:
        """Time past which the broker can only have stopped working: a query may wait as long as it may run."""
        allowed = allowance_of(ask.caller.rights, self.settings)
        return 2 * min(ask.timeout_s or allowed.timeout_s, allowed.longest_timeout_s) + GRACE_S

    async def execute_query(
        self,
        query: str,
        params: Parameters | None = None,
        fetch_mode: str = "all",
        limit: int | None = None,
        timeout_s: float | None = None,
        *,
        caller: Caller = PYTHON,
    ) -> QueryResult:
        """The whole answer to one statement; `params` stand for `?` and `$1` as a list, for `$name` as a dictionary.

        `fetch_mode` is `all`, `one` (the first row), `many` (`limit` rows), `arrow`, `csv` or `parquet`. Raises
        `DuckDBQueryError` of wrong SQL, `QueryRefused`, `QueryTimedOut`, `QueryCancelled`, `DuckDBResourceError`,
        `TooManyQueries`, `QueueFull`, `CircuitBreakerOpenException`, `DuckDBConnectionError`, `QueryFailed`; and
        `ValueError` of another mode.
        """
        question = Question(query, params, FetchMode(fetch_mode), limit, timeout_s)
        ask = self.ask_for(question, caller)
        async with self.client.ask(ask, within_s=self.patience_s(ask)) as answer:
            return await _whole(answer, question.mode)

    async def execute_batch(
        self,
        queries: Iterable[str | Mapping[str, Any]],
        use_transaction: bool = True,
        *,
        timeout_s: float | None = None,
        caller: Caller = PYTHON,
    ) -> list[dict[str, Any]]:
        """What each statement gives, in order, on one connection; each is SQL, or `{"query": SQL, "params": …}`.

        Tables that statements create are their own and vanish at the end. With a transaction any failure is raised,
        and its fault points at the statement (`/queries/3`); without, it stands as `{"error": …}` in its place.
        Raises as `execute_query` does.
        """
        ask = batch_ask(queries, use_transaction, timeout_s, caller)
        async with self.client.ask(ask, within_s=self.patience_s(ask)) as answer:
            members = await answer.content()
        results: list[dict[str, Any]] = (await _parsed(members))["results"]
        return results

    async def get_connection(
        self, *, caller: Caller = PYTHON, timeout_s: float | None = None, use_transaction: bool = False
    ) -> Lease:
        """A connection of one's own, for at most `timeout_s`; it takes a worker's place until it is returned."""
        ask = Ask(does=Does.SESSION, caller=caller, timeout_s=timeout_s, uses_transaction=use_transaction)
        session = await self.client.session(ask, within_s=self.patience_s(ask))
        return Lease(session, caller, self.settings.default_search_limit)

    async def return_connection(self, lease: Lease) -> None:
        """Give a connection back, and drop its tables; a second time does nothing."""
        lease.close()

    @asynccontextmanager
    async def transaction(self, *, caller: Caller = PYTHON, timeout_s: float | None = None) -> AsyncIterator[Lease]:
        """A connection in one transaction: once a statement fails all later ones do; it is dropped at the end."""
        lease = await self.get_connection(caller=caller, timeout_s=timeout_s, use_transaction=True)
        try:
            yield lease
        finally:
            lease.close()

    async def health_check(self) -> dict[str, Any]:
        """How the service is, in the words of `GET /health`; `degraded` too when no broker answers.

        Those who ask at once share one answer.
        """
        if self._health is None or self._health.done():
            self._health = asyncio.create_task(self._asked_for_health())
        return await asyncio.shield(self._health)

    async def get_statistics(self, *, caller: Caller = PYTHON) -> dict[str, Any]:
        """What was asked and how it went, in the words of `GET /statistics`; `users` are all for an admin alone."""
        told = await self.client.control(Ask(does=Does.STATISTICS, caller=caller))
        if caller.rights is Rights.ADMIN:
            return told
        return {**told, "users": [each for each in told.get("users", ()) if each["user"] == caller.name]}

    async def _asked_for_health(self) -> dict[str, Any]:
        try:
            return await self.client.control(Ask(does=Does.HEALTH, caller=PYTHON))
        except DuckDBException:
            return NO_ANSWER


def batch_ask(
    queries: Iterable[str | Mapping[str, Any]], use_transaction: bool, timeout_s: float | None, caller: Caller
) -> Ask:
    """The ask of several statements."""
    return Ask(
        does=Does.BATCH,
        caller=caller,
        statements=tuple(_statement(each) for each in queries),
        timeout_s=timeout_s,
        uses_transaction=use_transaction,
    )


def _statement(given: str | Mapping[str, Any]) -> Statement:
    return Statement(given) if isinstance(given, str) else Statement(given["query"], given.get("params"))


async def _whole(answer: Answer, mode: FetchMode) -> QueryResult:
    content = await answer.content()
    data: Any = content
    if mode.written is Format.JSON:
        data = (await _parsed(content))["data"]
    elif mode.written is Format.ARROW:
        data = await asyncio.to_thread(_table, content)
    end = answer.end
    return QueryResult(
        data=data,
        columns=_columns(answer.head["columns"]),
        row_count=end["row_count"],
        truncated=end["truncated"],
        execution_time=end["execution_time"],
        memory_usage=end["memory_usage"],
        query_id=end["query_id"],
        generation=end["generation"],
    )


def _columns(told: Iterable[Sequence[str]]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in told]


async def _parsed(members: bytes) -> dict[str, Any]:
    """An object of its members; long ones are read beside the event loop."""
    content = b"{" + members + b"}"
    if len(content) < PARSED_AT_ONCE_BYTES:
        return _object(content)
    return await asyncio.to_thread(_object, content)


def _object(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(content)
    return found


def _table(content: bytes) -> pa.Table:
    return pa.ipc.open_stream(pa.py_buffer(content)).read_all()
