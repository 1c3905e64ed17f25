"""Exports in the background: queued as long queries, their files moved to where their owners fetch them."""

import asyncio
import socket
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

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
AGAIN_AFTER_S = 10.0
LOST = "The export's file could not be kept."
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

        def ended(done: Done, error: AnalyticsError | None, file: Path | None) -> None:
            if not over.done():
                over.set_result((done, error, None if file is None else _set_aside(file)))

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
            try:
                await asyncio.to_thread(self._exports.sweep)
            except (AnalyticsError, OSError):  # the next round finds it again
                log.exception("expired exports could not be removed")
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
            told = error or (QueryFailed(LOST) if done.error_class is None else _told_in(ours))
        try:
            if file is not None and done.error_class is None:
                await asyncio.to_thread(self._exports.finished, export_id, file, done)
                return
        except (AnalyticsError, OSError) as failure:
            log.exception("an export could not be kept", export_id=export_id)
            told = failure if isinstance(failure, AnalyticsError) else QueryFailed(LOST)
        await self._failed(export_id, told)

    async def _failed(self, export_id: str, error: AnalyticsError) -> None:
        """Until it is said: one that seems to run for ever would never expire."""
        while True:
            try:
                await asyncio.to_thread(self._exports.failed, export_id, error)
            except (AnalyticsError, OSError):
                log.exception("the end of an export could not be noted", export_id=export_id)
                await asyncio.sleep(AGAIN_AFTER_S)
            else:
                return

    async def _watched(self, export_id: str, query: Query) -> None:
        """Tell how far it is; one that its owner has deleted is stopped."""
        is_begun, begun = False, partial(self._exports.begun, export_id)
        while not query.is_over:
            if query.worker is not None:
                with suppress(AnalyticsError, OSError):  # the next look may be able to tell
                    written = _size_of(query.worker.spill_folder)
                    note = partial(self._exports.progressed, export_id, written) if is_begun else begun
                    is_wanted = await asyncio.to_thread(note)
                    is_begun = True
                    if not is_wanted:
                        self._dispatch.stop(query, StopReason.CANCELLED)
            await asyncio.sleep(LOOK_EVERY_S if is_begun else LOOK_EVERY_S / 10)

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _set_aside(file: Path) -> Path | None:
    """Out of its worker's folder, which goes with the worker, and that may be at once; None when it is not there."""
    aside = file.parent.parent / (uuid4().hex + ".export")
    try:
        file.rename(aside)
    except OSError:
        return None
    return aside


def _told_in(connection: socket.socket) -> AnalyticsError:
    """The error that the worker wrote for a client that is not there."""
    with suppress(OSError, BrokenFrames, ValueError, KeyError, TypeError, AttributeError):
        frames = list(FrameReader().feed(connection.recv(READ_BYTES)))
        for kind, content in frames:
            if kind is Kind.ERROR:
                return error_of(orjson.loads(content))
    return QueryFailed("The export ended without an answer.")


def _size_of(folder: Path) -> int:
    with suppress(OSError):
        return sum(each.stat().st_size for each in folder.iterdir() if each.is_file())
    return 0
