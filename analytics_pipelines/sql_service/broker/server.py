"""The broker's door: a private Unix socket, one ask a connection."""

import asyncio
import fcntl
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog
import uvloop

from analytics_pipelines.foundation.errors import AnalyticsError, SetupError
from analytics_pipelines.foundation.logs import configure
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.broker.connection import ask_from, sent
from analytics_pipelines.sql_service.broker.dispatch import Dispatch
from analytics_pipelines.sql_service.broker.export_jobs import ExportJobs
from analytics_pipelines.sql_service.broker.frames import BrokenFrames
from analytics_pipelines.sql_service.broker.told import Told
from analytics_pipelines.sql_service.errors import QueryFailed, QueryNotFound, told_of
from analytics_pipelines.sql_service.exports import Exports
from analytics_pipelines.sql_service.messages import Ask, Does, Kind, StopReason, frame_of
from analytics_pipelines.sql_service.places import Places

SERVICE = "sql"
BACKLOG = 256
PRIVATE = 0o700
AGAIN_AFTER_S = 0.1
FOR_WORKERS = frozenset({Does.QUERY, Does.BATCH, Does.EXPLAIN, Does.SESSION})

log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises `SetupError` when another broker serves this home."""
    configure(settings, service=SERVICE)
    places = Places.of(settings.home)
    places.folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    places.folder.chmod(PRIVATE)
    with _alone(places):
        shutil.rmtree(places.spill, ignore_errors=True)
        uvloop.run(_serve(settings, places))


async def _serve(settings: Settings, places: Places) -> None:
    loop = asyncio.get_running_loop()
    told_to_end = asyncio.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(kind, told_to_end.set)
    dispatch = Dispatch(settings)
    broker = Broker(settings, places, dispatch)
    with _listening(places) as listener:
        background = [
            loop.create_task(work) for work in (dispatch.pool.run(), broker.exports.sweep(), broker.accept(listener))
        ]
        log.info("the SQL service listens")
        ending = loop.create_task(told_to_end.wait())
        await asyncio.wait([ending, *background], return_when=asyncio.FIRST_COMPLETED)
        ended = [task for task in background if task.done()]
        for task in background:
            task.cancel()
        dispatch.close()
        for task in ended:  # better started again than half alive
            task.result()


class Broker:
    """Answers the API's asks, or has a worker answer them."""

    def __init__(self, settings: Settings, places: Places, dispatch: Dispatch) -> None:
        exports = Exports(places.exports, settings)
        exports.abandoned()
        self.exports = ExportJobs(exports, dispatch)
        self._dispatch = dispatch
        self._told = Told(settings, dispatch)
        self._tasks: set[asyncio.Task[None]] = set()

    async def accept(self, listener: socket.socket) -> None:
        """Take connections until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listener)
            except OSError as error:  # too many are open: they end, and whoever comes waits in the backlog
                log.error("a connection could not be taken", error=str(error))  # noqa: TRY400 - once in a while is enough
                await asyncio.sleep(AGAIN_AFTER_S)
                continue
            task = loop.create_task(self._served(connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _served(self, connection: socket.socket) -> None:
        try:
            ask = await ask_from(connection)
            if ask.does in FOR_WORKERS:
                self._dispatch.submit(ask, connection)
                return
            answer = frame_of(Kind.END, await self._answered(ask))
        except AnalyticsError as error:
            answer = frame_of(Kind.ERROR, told_of(error))
        except (BrokenFrames, TimeoutError, OSError):
            connection.close()
            return
        except Exception:  # one ask must not end the others
            log.exception("an ask failed")
            answer = frame_of(Kind.ERROR, told_of(QueryFailed("The request failed for a reason that is in our log.")))
        await sent(connection, answer)

    async def _answered(self, ask: Ask) -> dict[str, Any]:
        if ask.does is Does.HEALTH:
            return await self._told.health()
        if ask.does is Does.STATISTICS:
            return await self._told.statistics(ask.caller)
        answers: dict[Does, Callable[[Ask], dict[str, Any]]] = {
            Does.QUERIES: lambda ask: self._dispatch.queries.of(ask.caller),
            Does.RESET: self._reset,
            Does.CANCEL: self._cancelled,
            Does.EXPORT: self._exported,
        }
        return answers[ask.does](ask)

    def _reset(self, _: Ask) -> dict[str, Any]:
        self._dispatch.breaker.reset()
        return dict(self._dispatch.breaker.told())

    def _cancelled(self, ask: Ask) -> dict[str, Any]:
        query = self._dispatch.named(ask.query_id)
        if query is None or not _may(ask.caller, query.caller):
            raise QueryNotFound("No query of that id runs.", remedy="GET /api/v1/duckdb/queries lists them.")
        self._dispatch.stop(query, StopReason.CANCELLED)
        return {"query_id": query.id}

    def _exported(self, ask: Ask) -> dict[str, Any]:
        self.exports.submit(ask)
        return {"query_id": ask.query_id}


def _may(caller: Caller, owner: Caller) -> bool:
    return caller.rights is Rights.ADMIN or caller.name == owner.name


@contextmanager
def _alone(places: Places) -> Iterator[None]:
    """Hold the lock of the broker."""
    descriptor = os.open(places.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SetupError(
            "The SQL service of this ANALYTICS_HOME runs already.", remedy="There is one for a host; end the other."
        ) from None
    else:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _listening(places: Places) -> Iterator[socket.socket]:
    places.socket.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener, places.short_path() as path:
        listener.setblocking(False)
        listener.bind(path)
        listener.listen(BACKLOG)
        yield listener
        with suppress(OSError):
            places.socket.unlink()
