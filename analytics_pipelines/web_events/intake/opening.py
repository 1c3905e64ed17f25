"""Opens the intake for as long as an application runs, and closes it without losing what was taken."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from typing import Any

from analytics_pipelines.foundation.clock import Clock, now
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.web_events.intake.batch import Item
from analytics_pipelines.web_events.intake.drain import AWAY, Drain
from analytics_pipelines.web_events.intake.entries import entry_of
from analytics_pipelines.web_events.intake.lanes import Connection, Lanes, UrlDoor
from analytics_pipelines.web_events.intake.settle import settled
from analytics_pipelines.web_events.intake.spool import Spool
from analytics_pipelines.web_events.intake.writer import GroupCommit, writer_name

FIRST_LOOK_S = 3.0
"""How long an application waits for PostgreSQL before it starts with the spool alone."""
NAME = "intake"


@asynccontextmanager
async def open_intake(settings: Settings, url: UrlDoor, *, clock: Clock = now) -> AsyncIterator[GroupCommit]:
    """The intake of this process; `url` gives the database's URL now or raises `Unavailable`.

    At the end everything that was taken is durable; what the spool holds stays for the next process.
    """

    async def judge(connection: Connection, items: Sequence[Item]) -> Sequence[Item]:
        return await settled(connection, items, registers_sites=settings.auto_registers_sites, at=clock())

    spool = Spool.of(settings)
    thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
    lanes = Lanes(url, NAME, clock, lambda since: _note(thread, spool, since))
    intake = GroupCommit(lanes, partial(_append, thread, spool), wait_s=settings.collect_group_commit_ms / 1000)
    drain = Drain(spool, partial(_in_thread, thread), url, writer_name("drain"), judge)
    await lanes.open(FIRST_LOOK_S)
    draining = asyncio.ensure_future(drain.run())
    try:
        yield intake
    finally:
        await intake.close()
        drain.stop()
        await asyncio.wait({draining})
        await lanes.close()
        thread.shutdown()
        spool.close()


async def _in_thread(thread: ThreadPoolExecutor, work: Callable[..., Any], *given: object) -> Any:
    return await asyncio.get_running_loop().run_in_executor(thread, work, *given)


async def _append(thread: ThreadPoolExecutor, spool: Spool, items: Sequence[Item]) -> None:
    await _in_thread(thread, _encode_and_append, spool, items)


def _encode_and_append(spool: Spool, items: Sequence[Item]) -> None:
    spool.append([entry_of(item) for item in items])


def _note(thread: ThreadPoolExecutor, spool: Spool, since: datetime | None) -> None:
    thread.submit(_remember_away, spool, since)


def _remember_away(spool: Spool, since: datetime | None) -> None:
    """For other processes to read; several workers see the server go, the first one's time counts."""
    with suppress(Unavailable):
        if since is None:
            if spool.exists and spool.recall(AWAY):
                spool.remember(AWAY, None)
        elif not spool.recall(AWAY):
            spool.remember(AWAY, {"since": since.isoformat()})
