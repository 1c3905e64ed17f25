"""Connections of the intake to PostgreSQL: two, found again with patience when the server went away or elsewhere."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict

from analytics_pipelines.foundation.clock import Clock
from analytics_pipelines.foundation.errors import SetupError, TimedOut, Unavailable
from analytics_pipelines.foundation.postgres.urls import conninfo

Connection = AsyncConnection[Any]
T = TypeVar("T")
UrlDoor = Callable[[], str]
"""The database's SQLAlchemy URL now; raises `Unavailable` while nobody knows where the server is."""

LANES = 2
"""One collects while the other waits for the disk."""
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 10
FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 1.0
SESSION = f"-c timezone=UTC -c synchronous_commit=on -c statement_timeout={STATEMENT_TIMEOUT_S * 1000}"
LOG = structlog.get_logger(__name__)


async def connected(url: UrlDoor, name: str) -> Connection:
    """A connection in autocommit mode that `pg_stat_activity` shows under that name; raises `Unavailable`."""
    try:
        given = conninfo_to_dict(conninfo(url()))
        options = " ".join(filter(None, [str(given.get("options") or ""), SESSION]))
        ours: dict[str, Any] = {"options": options, "application_name": name, "connect_timeout": CONNECT_TIMEOUT_S}
        trying = asyncio.ensure_future(AsyncConnection.connect(autocommit=True, **{**given, **ours}))
        return await _to_its_end(trying)
    except (psycopg.Error, SetupError, OSError, ValueError) as error:
        raise Unavailable("The database is away.", remedy="`analytics up` restarts it.") from error


async def _to_its_end(trying: "asyncio.Task[Connection]") -> Connection:
    """Cut short, a try leaves a connection half open, for which the server waits a minute."""
    try:
        return await asyncio.shield(trying)
    except asyncio.CancelledError:
        trying.add_done_callback(_close_unwanted)
        raise


def _close_unwanted(trying: "asyncio.Task[Connection]") -> None:
    if not trying.cancelled() and trying.exception() is None:
        trying.result().pgconn.finish()


async def within(connection: Connection, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """What the work on the connection gives; past the time the connection is cut off, and `TimedOut` raised.

    Cancelling would first wait for the server, which may be the one that does not answer.
    """
    task = asyncio.ensure_future(work)
    await asyncio.wait({task}, timeout=seconds)
    if task.done():
        return task.result()
    _cut(connection)
    try:
        return await task
    except psycopg.Error as error:
        raise TimedOut("The database took too long.", limit=str(seconds) + " s") from error


def _cut(connection: Connection) -> None:
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


class Lanes:
    """Hands out connections while the server answers; whoever meets an error says so, and it is looked for again."""

    def __init__(self, url: UrlDoor, name: str, clock: Clock, heard: Callable[[datetime | None], None]) -> None:
        """`heard` is told when the server goes away (since when), and None when it is back."""
        self._url = url
        self._name = name
        self._clock = clock
        self._heard = heard
        self._idle: list[Connection] = []
        self._pause_s = 0.0
        self._forgotten: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()
        self._search: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self.away_since: datetime | None = clock()

    async def open(self, patience_s: float) -> None:
        """Look for the server once, for so long at most; afterwards the search goes on by itself."""
        self._look()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._tried.wait(), patience_s)
        if self.away_since is not None:
            self._heard(self.away_since)

    def take(self) -> Connection | None:
        """A connection that nobody else has, or None while the server is away."""
        return self._idle.pop() if self._idle else None

    def give_back(self, connection: Connection) -> None:
        """The connection has done its work."""
        self._pause_s = 0.0
        if self.away_since is None and len(self._idle) < LANES:
            self._idle.append(connection)
        else:
            self._forget(connection)

    def lost(self, connection: Connection, error: BaseException) -> None:
        """Work on the connection failed for a reason of the server's."""
        self._forget(connection)
        if self.away_since is None:
            LOG.warning("PostgreSQL does not take events", reason=type(error).__name__)
            self.away_since = self._clock()
            self._heard(self.away_since)
            while self._idle:
                self._forget(self._idle.pop())
        self._look()

    async def close(self) -> None:
        """Search no more, and close what is idle; a try to connect that is under way comes to its end first."""
        self._closing.set()
        if self._search is not None:
            await asyncio.wait({self._search})
        while self._idle:
            await self._idle.pop().close()

    def _look(self) -> None:
        if self._search is None or self._search.done():
            self._search = asyncio.ensure_future(self._found())

    async def _found(self) -> None:
        """Each try waits longer until work succeeds, since a server may let us in and yet take nothing."""
        while self.away_since is not None and not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._pause_s)
                return
            self._pause_s = min(max(2 * self._pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            with contextlib.suppress(Unavailable):
                await self._connect()
            self._tried.set()

    async def _connect(self) -> None:
        found: list[Connection] = []
        try:
            while len(found) < LANES:
                found.append(await connected(self._url, self._name))
        except BaseException:
            for connection in found:
                await connection.close()
            raise
        self._idle, self.away_since = found, None
        self._heard(None)

    def _forget(self, connection: Connection) -> None:
        closing = asyncio.ensure_future(connection.close())
        self._forgotten.add(closing)
        closing.add_done_callback(self._forgotten.discard)
