"""Moves the spool into PostgreSQL, in order and exactly once, and says what waits in it.

The number up to which it is drained moves in the transaction of the events; entries are deleted afterwards, so a
kill at any point leaves them drained or waiting, never both.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
import structlog

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.web_events.intake.batch import Item
from analytics_pipelines.web_events.intake.entries import item_of
from analytics_pipelines.web_events.intake.lanes import Connection, UrlDoor, connected, within
from analytics_pipelines.web_events.intake.poison import BROUGHT_BY_VALUES, lacks_partition, refused
from analytics_pipelines.web_events.intake.spool import Numbered, Spool
from analytics_pipelines.web_events.intake.store import EventStore
from analytics_pipelines.web_events.log_tables import SPOOL_MARK

T = TypeVar("T")
InThread = Callable[..., Awaitable[Any]]
"""Runs a function that blocks, with its arguments, outside the event loop."""
Judge = Callable[[Connection, Sequence[Item]], Awaitable[Sequence[Item]]]
"""Judges items again, one for one, when what they are judged by can be asked."""
MOST_ENTRIES = 1_000
PATIENCE_S = 30.0
POLL_S = 0.5
AWAY = "postgres_away"
"""What the spool remembers of PostgreSQL's absence."""
HOLD_MARK = from_file(__package__, "hold_mark").text.encode()
MAKE_MARK = from_file(__package__, "make_mark").text.encode()
MOVE_MARK = from_file(__package__, "move_mark").text.encode()
LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SpoolState:
    """What waits on this machine; `away_since` is None while PostgreSQL takes events."""

    pending: int
    size_bytes: int
    limit_bytes: int
    oldest_at: datetime | None
    away_since: datetime | None


def spool_state(settings: Settings) -> SpoolState:
    """What waits on this machine, asked from any process. Raises `Unavailable` when the file can not be read."""
    spool = Spool.of(settings)
    limit = settings.spool_max_bytes
    if not spool.exists:
        return SpoolState(0, 0, limit, None, None)
    try:
        total, away = spool.total(), spool.recall(AWAY)
    finally:
        spool.close()
    since = datetime.fromisoformat(away["since"]) if away else None
    return SpoolState(total.events, total.bytes, limit, total.oldest_at, since)


def spooled_by_day_and_site(settings: Settings, database: Database) -> dict[tuple[date, str], int]:
    """How many items wait that are not in PostgreSQL, by UTC day of receipt and site ('' where none is named).

    Raises `Unavailable`.
    """
    spool = Spool.of(settings)
    if not spool.exists:
        return {}
    try:
        mark = sa.select(SPOOL_MARK.c.drained_number).where(SPOOL_MARK.c.spool_id == spool.spool_id)
        with database.reading() as connection:
            drained = connection.scalar(mark) or 0
        found = spool.counts_after(drained)
    finally:
        spool.close()
    return {(date.fromisoformat(day), site): events for (day, site), events in found.items()}


class Drain:
    """One per worker; whoever holds the row of `spool_mark` drains, the others find it taken."""

    def __init__(self, spool: Spool, in_thread: InThread, url: UrlDoor, name: str, judge: Judge) -> None:
        self._spool = spool
        self._in_thread = in_thread
        self._url = url
        self._name = name
        self._judge = judge
        self._store = EventStore()
        self._most = MOST_ENTRIES
        self._poison: int | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Drain whenever something waits, until `stop`."""
        while not self._stopping.is_set():
            try:
                await self.drain()
            except (psycopg.Error, Unavailable, TimedOut, OSError) as error:
                LOG.info("the spool waits for PostgreSQL", reason=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), POLL_S)

    def stop(self) -> None:
        """Let `run` return after the transaction that is under way."""
        self._stopping.set()

    async def drain(self) -> None:
        """Drain until nothing waits or another worker is at it; raises `psycopg.Error`, `Unavailable`, `TimedOut`."""
        if not self._spool.exists or not (await self._in_thread(self._spool.total)).events:
            return
        connection = await connected(self._url, self._name)
        try:
            mark = {"spool_id": await self._in_thread(lambda: self._spool.spool_id)}
            await connection.execute(MAKE_MARK, mark)
            while not self._stopping.is_set():
                if not await within(connection, PATIENCE_S, self._step(connection, mark)):
                    break
        finally:
            await connection.close()

    async def _step(self, connection: Connection, mark: dict[str, object]) -> bool:
        """One transaction; whether there may be more to do."""
        entries: Sequence[Numbered] = []
        try:
            async with connection.transaction():
                held = await (await connection.execute(HOLD_MARK, mark)).fetchone()
                if held is None:
                    return False
                drained = held[0]
                entries = await self._in_thread(self._spool.after, drained, self._most)
                if entries:
                    drained = entries[-1].number
                    items = await self._judge(connection, self._items(entries))
                    await self._store.insert(connection, items, self._name)
                    await connection.execute(MOVE_MARK, {**mark, "number": drained})
        except BROUGHT_BY_VALUES as error:
            await self._learn(connection, error, entries)
            return True
        self._most = min(2 * self._most, MOST_ENTRIES)
        await self._in_thread(self._spool.forget, drained)
        return bool(entries)

    def _items(self, entries: Sequence[Numbered]) -> list[Item]:
        found = [item_of(each.entry) for each in entries]
        return [refused(found[0])] if entries[0].number == self._poison else found

    async def _learn(self, connection: Connection, error: BaseException, entries: Sequence[Numbered]) -> None:
        """Why the transaction failed: a day without partition, or one entry of fewer and fewer."""
        if lacks_partition(error):
            self._store.forget_partitions()
            await self._store.make_partitions(connection, [item_of(each.entry) for each in entries])
        elif len(entries) > 1:
            self._most = len(entries) // 2
        elif self._poison == entries[0].number:
            raise error
        else:
            self._poison = entries[0].number
