"""Exports in the background: queued as long queries, their files moved to where their owners fetch them."""

import asyncio
import socket
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path

import orjson
import structlog

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.sql_service.broker.dispatch import Dispatch
from analytics_pipelines.sql_service.broker.frames import BrokenFrames, FrameReader
from analytics_pipelines.sql_service.broker.query import Query
from analytics_pipelines.sql_service.errors import QueryFailed, error_of
from analytics_pipelines.sql_service.exports import Exports
from analytics_pipelines.sql_service.messages import Ask, Done, Kind, StopReason

SWEEP_EVERY_S = 300.0
LOOK_EVERY_S = 1.0
READ_BYTES = 2**16

log = structlog.get_logger(__name__)


class ExportJobs:
    """Carries exports through; whoever asked is gone meanwhile."""

    def __init__(self, exports: Exports, dispatch: Dispatch) -> None:
        self._exports = exports
        self._dispatch = dispatch
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, ask: Ask) -> None:
        """Queue an export; raises what keeps it out."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        over: asyncio.Future[tuple[Done, AnalyticsError | None, Path | None]]
        over = asyncio.get_running_loop().create_future()

        def ended(done: Done, error: AnalyticsError | None, spill_folder: Path | None) -> None:
            if not over.done():
                over.set_result((done, error, spill_folder))

        try:
            query = self._dispatch.submit(ask, theirs, ended=ended)
        except BaseException:
            ours.close()
            theirs.close()
            raise
        if query is not None:
            self._keep(self._carried(ask.name, query, ours, over))

    async def sweep(self) -> None:
        """Remove what has expired, now and then, until cancelled."""
        while True:
            await asyncio.to_thread(self._exports.sweep)
            await asyncio.sleep(SWEEP_EVERY_S)

    async def _carried(
        self,
        export_id: str,
        query: Query,
        ours: socket.socket,
        over: "asyncio.Future[tuple[Done, AnalyticsError | None, Path | None]]",
    ) -> None:
        with ours:
            watching = asyncio.create_task(self._watched(export_id, query))
            try:
                done, error, file = await over
            finally:
                watching.cancel()
            if file is None or done.error_class is not None:
                told = error or _told_in(ours)
                await asyncio.to_thread(self._exports.failed, export_id, told)
            else:
                await asyncio.to_thread(self._exports.finished, export_id, file, done)

    async def _watched(self, export_id: str, query: Query) -> None:
        """Tell how far it is; one that its owner has deleted is stopped."""
        is_begun = False
        while not query.is_over:
            if query.worker is not None:
                if not is_begun:
                    is_begun = True
                    is_wanted = await asyncio.to_thread(self._exports.begun, export_id)
                else:
                    written = _size_of(query.worker.spill_folder) if query.worker else 0
                    is_wanted = await asyncio.to_thread(self._exports.progressed, export_id, written)
                if not is_wanted:
                    self._dispatch.stop(query, StopReason.CANCELLED)
            await asyncio.sleep(LOOK_EVERY_S if is_begun else LOOK_EVERY_S / 10)

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _told_in(connection: socket.socket) -> AnalyticsError:
    """The error that the worker wrote for a client that is not there."""
    with suppress(OSError, BrokenFrames, orjson.JSONDecodeError):
        frames = list(FrameReader().feed(connection.recv(READ_BYTES)))
        for kind, content in frames:
            if kind is Kind.ERROR:
                return error_of(orjson.loads(content))
    return QueryFailed("The export ended without an answer.")


def _size_of(folder: Path) -> int:
    with suppress(OSError):
        return sum(each.stat().st_size for each in folder.iterdir() if each.is_file())
    return 0
