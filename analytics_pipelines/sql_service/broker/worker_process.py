"""One worker as the broker sees it: a control socket, what it does now, and its end."""

import asyncio
import math
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import orjson
import structlog

from analytics_pipelines.sql_service.broker.frames import BrokenFrames, FrameReader
from analytics_pipelines.sql_service.broker.worker_words import AFTER_READY, ready_from
from analytics_pipelines.sql_service.errors import error_of
from analytics_pipelines.sql_service.messages import Job, Kind, Setup, StopReason, frame_of

READ_BYTES = 2**18
START_S = 60.0
"""Longest wait until a worker is ready; the first one waits for its parent's imports, too."""

REMOVE_TRIES = 20
REMOVE_AGAIN_S = 0.1

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
USER_TICKS = 11
"""Place of the time in user mode behind a process's name in `/proc/<pid>/stat`; that in the kernel is next."""

log = structlog.get_logger(__name__)
Heard = Callable[["WorkerProcess", Kind, bytes], None]


class WorkerProcess:
    """A forked process in its cage, which runs one job at a time."""

    def __init__(self, end: socket.socket, setup: Setup, generation_id: str) -> None:
        end.setblocking(False)
        self.generation_id = generation_id
        self.setup = setup
        self.pid: int | None = None
        self.lacks: tuple[str, ...] = ()
        self.is_gone = False
        self._end = end
        self._reader = FrameReader()
        self._unsent = bytearray()
        self._loop = asyncio.get_running_loop()
        self._heard: Heard | None = None
        self._ready: asyncio.Future[None] = self._loop.create_future()

    @property
    def spill_folder(self) -> Path:
        """What it may write into."""
        return Path(self.setup.spill_folder)

    async def start(self, heard: Heard) -> None:
        """Wait until it is caged and has opened the generation; raises what it tells, `TimeoutError`, `EOFError`.

        `heard` is called with each later frame, and with `Kind.ERROR` and no content when the process has ended.
        """
        self._heard = heard
        self._loop.add_reader(self._end.fileno(), self._read)
        self._send(frame_of(Kind.SETUP, self.setup))
        async with asyncio.timeout(START_S):
            await self._ready

    def give(self, job: Job, connection: socket.socket) -> None:
        """Hand it a job and the connection that the answer goes to."""
        content = frame_of(Kind.JOB, job)
        sent = socket.send_fds(self._end, [content], [connection.fileno()])
        self._send(content[sent:])

    def stop(self, query_id: str, reason: StopReason) -> None:
        """Ask it to end the statement that it runs."""
        self._send(frame_of(Kind.STOP, {"query_id": query_id, "reason": reason}))

    def cpu_s(self) -> float:
        """Processor time that it has taken, all threads; for ever where the system does not tell."""
        try:
            told = Path(f"/proc/{self.pid}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            return math.inf
        return sum(map(int, told[USER_TICKS : USER_TICKS + 2])) / TICKS_A_SECOND

    def kill(self) -> None:
        """End it at once; `heard` is told of its end as soon as it is gone."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def let_go(self) -> None:
        """End one that is at rest, or that never came up, and remove what it wrote."""
        if self._end.fileno() >= 0:
            self._loop.remove_reader(self._end.fileno())
            self._loop.remove_writer(self._end.fileno())
        self.is_gone = True
        self.kill()
        self._end.close()
        self._loop.run_in_executor(None, _remove, self.spill_folder)

    def _send(self, content: bytes) -> None:
        self._unsent += content
        self._flush()

    def _flush(self) -> None:
        """What does not fit into the socket's buffer follows as soon as there is room."""
        if self.is_gone:
            return
        try:
            while self._unsent:
                del self._unsent[: self._end.send(self._unsent)]
        except BlockingIOError:
            self._loop.add_writer(self._end.fileno(), self._flush)
            return
        except OSError:
            self._unsent.clear()
        self._loop.remove_writer(self._end.fileno())

    def _read(self) -> None:
        try:
            content = self._end.recv(READ_BYTES)
            for kind, whole in self._reader.feed(content):
                self._take(kind, whole)
            if content:
                return
        except BlockingIOError:
            return
        except ConnectionError:
            pass
        except (OSError, BrokenFrames, ValueError, KeyError, TypeError, AttributeError):
            log.warning("a worker's words were not understood", exc_info=True)
        self._ended()

    def _take(self, kind: Kind, whole: bytes) -> None:
        if self._ready.done():
            if kind not in AFTER_READY:
                raise BrokenFrames("something that a worker has not to say")
            if self._heard is not None:
                self._heard(self, kind, whole)
        elif kind is Kind.READY:
            self.pid, self.lacks = ready_from(orjson.loads(whole))
            self._ready.set_result(None)
        else:
            self._ready.set_exception(error_of(orjson.loads(whole)))

    def _ended(self) -> None:
        self.let_go()
        if not self._ready.done():
            self._ready.set_exception(EOFError("the worker ended before it was ready"))
        elif self._heard is not None:
            self._heard(self, Kind.ERROR, b"")


def _remove(folder: Path) -> None:
    """Gigabytes take a while, which is not the loop's; one that was just killed may still write for a moment."""
    for _ in range(REMOVE_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(REMOVE_AGAIN_S)
    log.warning("a folder of a worker could not be removed", folder=folder.name)
