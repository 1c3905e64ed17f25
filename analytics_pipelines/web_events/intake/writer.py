"""The group commit: requests of one worker share a transaction, and while PostgreSQL is away the spool's."""

import asyncio
import os
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import psycopg
import structlog

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.web_events.intake.batch import Item
from analytics_pipelines.web_events.intake.lanes import LANES, Lanes, within
from analytics_pipelines.web_events.intake.receipts import Outcome, Receipt, Taken
from analytics_pipelines.web_events.intake.store import EventStore

MOST_GROUP = 1_000
"""Items of one commit; a request of more is one commit of its own."""
MOST_WAITING_BYTES = 64 * 2**20
ITEM_BYTES = 1_024
"""What an item takes beside its payload, roughly."""
PATIENCE_S = 5.0
"""How long a commit may take before the batch goes to the spool."""
SPOOLED = Taken(Outcome.ACCEPTED)
REFUSED = Taken(Outcome.REJECTED)
LOG = structlog.get_logger(__name__)
ToSpool = Callable[[Sequence[Item]], Awaitable[None]]


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """One request's items, and where their outcomes are awaited."""

    items: Sequence[Item]
    size_bytes: int
    outcomes: "asyncio.Future[list[Taken]]"


def writer_name(role: str) -> str:
    """Of one connection: two of one machine never commit under one name at once."""
    return "-".join((socket.gethostname(), str(os.getpid()), role))


class GroupCommit:
    """An `Intake`: commits at once when nothing is under way, else with what comes meanwhile.

    `to_spool` makes items durable on this machine or raises `Unavailable`.
    """

    def __init__(self, lanes: Lanes, to_spool: ToSpool, *, wait_s: float) -> None:
        self._lanes = lanes
        self._to_spool = to_spool
        self._wait_s = wait_s
        self._store = EventStore()
        self._names = [writer_name(str(number)) for number in range(LANES)]
        self._waiting: deque[Waiting] = deque()
        self._waiting_items = 0
        self._waiting_bytes = 0
        self._under_way: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._is_closed = False

    async def take(self, items: Sequence[Item]) -> list[Taken]:
        """One outcome an item, in order, once all are durable.

        Raises `Unavailable` when too much waits already, or neither PostgreSQL nor the spool takes them. Who is
        cancelled while waiting leaves the items behind: they are stored with the others.
        """
        if not items:
            return []
        size_bytes = sum(len(item.payload) + ITEM_BYTES for item in items)
        if self._is_closed or self._waiting_bytes + size_bytes > MOST_WAITING_BYTES:
            raise Unavailable("Too many events wait to be stored.", remedy="Try again in a moment.")
        outcomes: asyncio.Future[list[Taken]] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(items, size_bytes, outcomes))
        self._waiting_items += len(items)
        self._waiting_bytes += size_bytes
        self._schedule()
        return await outcomes

    async def close(self) -> None:
        """Take nothing more, and return once everything that was taken is durable or refused."""
        self._is_closed = True
        while self._waiting or self._under_way:
            self._begin()
            await asyncio.wait(self._under_way)

    def _schedule(self) -> None:
        """The first may begin at once, the second when enough is there or its time has come."""
        if len(self._under_way) >= LANES:
            return
        loop = asyncio.get_running_loop()
        if self._under_way and self._waiting_items >= MOST_GROUP:
            self._begin()
        elif self._timer is None:
            later = self._wait_s if self._under_way else 0.0
            self._timer = loop.call_later(later, self._begin) if later else loop.call_soon(self._begin)

    def _begin(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting and self._names:
            task = asyncio.ensure_future(self._settled(self._group(), self._names.pop()))
            self._under_way.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._under_way.discard(task)
        if self._timer is not None and not self._under_way:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            self._schedule()

    def _group(self) -> list[Waiting]:
        group = [self._waiting.popleft()]
        size = len(group[0].items)
        while self._waiting and size + len(self._waiting[0].items) <= MOST_GROUP:
            group.append(self._waiting.popleft())
            size += len(group[-1].items)
        self._waiting_items -= size
        return group

    async def _settled(self, group: Sequence[Waiting], name: str) -> None:
        """Tell everybody of the group their outcomes, or the error."""
        items = [item for each in group for item in each.items]
        try:
            taken = await self._durable(items, name)
        except Unavailable as error:
            _fail(group, error)
        except BaseException:
            LOG.exception("a batch could not be stored")
            _fail(group, Unavailable("The events could not be stored.", remedy="See the log."))
            raise
        else:
            _tell(group, taken)
        finally:
            self._names.append(name)
            self._waiting_bytes -= sum(each.size_bytes for each in group)

    async def _durable(self, items: Sequence[Item], name: str) -> list[Taken]:
        connection = self._lanes.take()
        if connection is None:
            return await self._spooled(items)
        try:
            taken = await within(connection, PATIENCE_S, self._store.store(connection, items, name))
        except (psycopg.Error, TimedOut, OSError) as error:
            self._lanes.lost(connection, error)
            return await self._spooled(items)
        except BaseException as error:
            self._lanes.lost(connection, error)
            raise
        self._lanes.give_back(connection)
        return taken

    async def _spooled(self, items: Sequence[Item]) -> list[Taken]:
        """Whether a commit whose answer was lost was done is not known; the drain finds that out by the keys."""
        await self._to_spool(items)
        return [SPOOLED if isinstance(item, Receipt) else REFUSED for item in items]


def _tell(group: Sequence[Waiting], taken: Sequence[Taken]) -> None:
    begin = 0
    for each in group:
        end = begin + len(each.items)
        if not each.outcomes.done():
            each.outcomes.set_result(list(taken[begin:end]))
        begin = end


def _fail(group: Sequence[Waiting], error: Unavailable) -> None:
    for each in group:
        if not each.outcomes.done():
            each.outcomes.set_exception(error)
