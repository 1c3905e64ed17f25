"""The rulebook of one worker: kept up to date while PostgreSQL answers, remembered for the time when it does not."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Protocol, TypeVar

import orjson
import psycopg
import structlog

from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.web_events.intake.lanes import Connection, UrlDoor, connected, within
from analytics_pipelines.web_events.intake.rulebook import Rulebook, SiteRules
from analytics_pipelines.web_events.intake.rules_in_postgres import all_rules, register_sites, site_rules
from analytics_pipelines.web_events.intake.spool import Spool

T = TypeVar("T")
NAME = "directory"
REFRESH_S = 2.0
PATIENCE_S = 3.0
STALE_S = 10.0
"""Within this time every worker whose PostgreSQL answers follows a change of sites and of erased visitors."""
MOST_LET_THROUGH = 10_000
AWAY = (psycopg.Error, Unavailable, TimedOut, OSError)
LOG = structlog.get_logger(__name__)


class Memory(Protocol):
    """What outlives the process on this machine; the spool is one. Both may raise `Unavailable`."""

    def remember(self, kind: str, value: dict[str, Any] | None) -> None:
        """Keep the value under that name."""
        ...

    def recall(self, kind: str) -> dict[str, Any] | None:
        """The value kept under that name."""
        ...


class Directory:
    """Gives the rulebook that holds now, at once; `learn` asks for sites that are not in it."""

    def __init__(self, url: UrlDoor, memory: Memory, *, clock: Clock = now, registers_sites: bool) -> None:
        self.book = Rulebook()
        self._url = url
        self._memory = memory
        self._clock = clock
        self._registers_sites = registers_sites
        self._remembered = b""
        self._connection: Connection | None = None
        self._guard = asyncio.Lock()
        self._wanted: set[str] = set()
        self._let_through: set[str] = set()

    async def open(self) -> None:
        """The rulebook of PostgreSQL, or else the one that was remembered."""
        with suppress(Unavailable):
            found = await asyncio.to_thread(self._memory.recall, NAME)
            if found:
                self.book = Rulebook.of_json(found)
        await self.refresh()

    async def run(self) -> None:
        """Refresh for ever."""
        while True:
            await asyncio.sleep(REFRESH_S)
            await self.refresh()

    async def refresh(self) -> None:
        """Read everything anew; while PostgreSQL is away what is known stays, as far as it goes."""
        async with self._guard:
            book = await self._asked(self._all)
        if book is None:
            if self.book.is_complete:
                LOG.warning("sites can not be read; the last ones known hold")
            self.book = Rulebook(self.book.sites, self.book.salts)
        else:
            self.book = book
            await self._remember(book)

    async def learn(self, names: Collection[str]) -> None:
        """Look for sites of these ids or write keys, and register them where that is so; the book has them then.

        Those who ask at the same time share one question. While PostgreSQL is away nothing is learnt, and the book
        is not complete.
        """
        self._wanted.update(names)
        if self.book.is_complete:
            async with self._guard:
                if self._wanted and self.book.is_complete:
                    wanted, self._wanted = self._wanted, set()
                    found = await self._asked(partial(self._found, wanted))
                    self.book = self.book.with_sites(found or (), is_complete=found is not None)
        if not self.book.is_complete and len(self._let_through) < MOST_LET_THROUGH:
            self._let_through.update(names)
            self._wanted.clear()

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*AWAY):
                await connection.close()

    async def _all(self, connection: Connection) -> Rulebook:
        if self._registers_sites and self._let_through:
            await register_sites(connection, self._let_through, self._clock())
        self._let_through.clear()
        return await all_rules(connection, self._clock(), self.book.salts.known)

    async def _found(self, names: Collection[str], connection: Connection) -> list[SiteRules]:
        found = await site_rules(connection, names)
        known = {site.site_id for site in found} | {site.write_key for site in found}
        if self._registers_sites and (new := set(names) - known):
            await register_sites(connection, new, self._clock())
            found = await site_rules(connection, names)
        return found

    async def _asked(self, work: Callable[[Connection], Coroutine[Any, Any, T]]) -> T | None:
        """What the work gives, or None when PostgreSQL is away or slow; a connection that has died is replaced."""
        had_connection = self._connection is not None
        for _ in range(1 + had_connection):
            try:
                if self._connection is None:
                    self._connection = await asyncio.wait_for(connected(self._url, NAME), PATIENCE_S)
                return await within(self._connection, PATIENCE_S, work(self._connection))
            except (*AWAY, TimeoutError) as error:
                await self.close()
                if isinstance(error, TimedOut):
                    break
        return None

    async def _remember(self, book: Rulebook) -> None:
        value = book.as_json()
        written = orjson.dumps(value)
        if written != self._remembered:
            with suppress(Unavailable):
                await asyncio.to_thread(self._memory.remember, NAME, value)
                self._remembered = written


@asynccontextmanager
async def open_directory(settings: Settings, url: UrlDoor, *, clock: Clock = now) -> AsyncIterator[Directory]:
    """The directory of this process, kept up to date; `url` gives the database's URL or raises `Unavailable`."""
    spool = Spool.of(settings)
    directory = Directory(url, spool, clock=clock, registers_sites=settings.auto_registers_sites)
    await directory.open()
    running = asyncio.ensure_future(directory.run())
    try:
        yield directory
    finally:
        running.cancel()
        await asyncio.wait({running})
        await directory.close()
        spool.close()
