"""The processes that walk one tree: started, given folders, relieved of full sheets, ended whatever happens.

They are fresh interpreters, not forks, since the process that scans has threads.
"""

import json
import mmap
import os
import selectors
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.storage_snapshots.scanner.sheet import SHEET_BYTES, Sheet
from analytics_pipelines.storage_snapshots.scanner.walker import HUNGRY_AT, MEMORY_BYTES, PAGE_BYTES, SEEN, SEEN_AT

PROJECT = Path(__file__).parents[3]
START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from analytics_pipelines.storage_snapshots.scanner.walker import main; main(sys.argv[2])"
)
INTERPRETER = ("-I", "-S", "-X", "utf8", "-c", START)
"""Without site packages, which a walk does not need: such a process starts in 30 ms."""
LOOK_S = 0.1
READ_BYTES = 1 << 20
Take = Callable[[Sheet], object]


class ScanInterrupted(Unavailable):
    """A process of the scan ended before its work did, or the scanned folder went away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """How a scan goes about it: `most_per_second` entries in all, None for as many as it can."""

    workers: int
    is_crossing: bool = False
    most_per_second: float | None = None


@dataclass(slots=True, kw_only=True)
class Passed:
    """What a walk passed over: names that went away meanwhile, and folders on other file systems."""

    vanished: int = 0
    other_filesystems: int = 0


@dataclass(slots=True)
class Worker:
    """One process that walks, seen from the one that scans."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    memory: mmap.mmap
    is_idle: bool = True
    is_done: bool = False
    unread: bytes = b""
    speaking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def seen(self) -> int:
        """Entries it has come across so far."""
        return int(SEEN.unpack_from(self.memory, SEEN_AT)[0])

    @property
    def is_busy(self) -> bool:
        """Whether it has folders to visit."""
        return not self.is_idle and not self.is_done

    def tell(self, order: Mapping[str, object]) -> None:
        """Give an order; that the process is gone is noticed where its messages are read."""
        try:
            with self.speaking:
                self.line.sendall(json.dumps(order).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            self.is_idle = False

    def heard(self) -> list[dict[str, Any]]:
        """The messages that have come in whole; raises `ScanInterrupted` when it ended before its work did."""
        try:
            more = self.line.recv(READ_BYTES)
        except ConnectionResetError:
            more = b""
        if not more and not self.is_done:
            raise ScanInterrupted(
                f"A process of the scan ended before its work did ({ending(self.process.wait())}); nothing was kept.",
                remedy="Scan again; look whether the machine ran out of memory.",
            )
        *lines, self.unread = (self.unread + more).split(b"\n")
        return [json.loads(line) for line in lines]

    def sheet(self, message: Mapping[str, Any]) -> Sheet:
        """The sheet that a message speaks of."""
        start = PAGE_BYTES + message["sheet"] * SHEET_BYTES
        told = {name: message[name] for name in ("rows", "name_bytes", "runs", "links", "errors")}
        return Sheet(memoryview(self.memory)[start : start + SHEET_BYTES], **told)


class Crew:
    """Shares the folders out and passes full sheets on, until every folder has been visited."""

    def __init__(self, workers: Sequence[Worker], writer: ThreadPoolExecutor, take: Future[Take]) -> None:
        self.passed = Passed()
        self._workers = workers
        self._writer = writer
        self._take = take
        self._taken: list[Future[Any]] = [take]
        self._spare: list[str] = [""]
        self._lines = selectors.DefaultSelector()
        for worker in workers:
            self._lines.register(worker.line, selectors.EVENT_READ, worker)

    def work(self, progress: Callable[[int], object]) -> Passed:
        """All of it; `progress` is told the entries seen so far. Raises what writing raised, or `ScanInterrupted`."""
        self._share_out()
        while not all(worker.is_done for worker in self._workers):
            for key, _ in self._lines.select(LOOK_S):
                self._hear(key.data)
            self._share_out()
            self._relieved()
            progress(sum(worker.seen for worker in self._workers))
        for each in self._taken:
            each.result()
        return self.passed

    def _hear(self, worker: Worker) -> None:
        for message in worker.heard():
            if "sheet" in message:
                self._taken.append(self._writer.submit(self._write, worker, message))
            elif "share" in message:
                self._spare.extend(message["share"])
            elif "idle" in message:
                worker.is_idle = True
            elif "done" in message:
                self._done(worker, message["done"])
            else:
                raise _failed(message)

    def _write(self, worker: Worker, message: Mapping[str, Any]) -> None:
        self._take.result()(worker.sheet(message))
        worker.tell({"free": [message["sheet"]]})

    def _relieved(self) -> None:
        """Raise what writing raised as soon as it did."""
        for each in [each for each in self._taken if each.done()]:
            each.result()
            self._taken.remove(each)

    def _done(self, worker: Worker, passed: Mapping[str, int]) -> None:
        worker.is_done = True
        self._lines.unregister(worker.line)
        self.passed.vanished += passed["vanished"]
        self.passed.other_filesystems += passed["other_filesystems"]

    def _share_out(self) -> None:
        """Spare folders to those who are idle; if there are none, ask the others for some; if all are idle, end."""
        idle = [worker for worker in self._workers if worker.is_idle]
        given = [self._spare[number :: len(idle)] for number in range(len(idle))]
        for worker, folders in zip(idle, given, strict=True):
            if folders:
                worker.is_idle = False
                worker.memory[HUNGRY_AT] = 0
                worker.tell({"visit": folders})
        if idle:
            self._spare = []
        busy = [worker for worker in self._workers if worker.is_busy]
        if any(worker.is_idle for worker in idle):
            for worker in busy:
                worker.memory[HUNGRY_AT] = 1
        if not busy:
            for worker in idle:
                worker.is_idle = False
                worker.tell({"finish": True})


def walked(root: int, pacing: Pacing, desk: AbstractContextManager[Take], progress: Callable[[int], object]) -> Passed:
    """Walk the tree below the open folder; `desk` is entered in another thread and given every sheet there.

    Raises what the desk or `progress` raises, and `ScanInterrupted`; no process is left then.
    """
    with crew_of(root, pacing) as workers, ExitStack() as stack:
        writer = ThreadPoolExecutor(1, "sheets")
        try:
            return Crew(workers, writer, writer.submit(stack.enter_context, desk)).work(progress)
        finally:
            writer.shutdown(cancel_futures=True)


@contextmanager
def crew_of(root: int, pacing: Pacing) -> Iterator[list[Worker]]:
    """So many processes, idle; all have ended afterwards."""
    workers: list[Worker] = []
    try:
        workers.extend(hired(root, pacing) for _ in range(pacing.workers))
        yield workers
    finally:
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.process.wait()
            worker.line.close()


def hired(root: int, pacing: Pacing) -> Worker:
    """A process that awaits its first folders."""
    descriptor = os.memfd_create("sheets", os.MFD_CLOEXEC)
    ours, theirs = socket.socketpair()
    try:
        os.ftruncate(descriptor, MEMORY_BYTES)
        rate = pacing.most_per_second and pacing.most_per_second / pacing.workers
        options = {"root": root, "memory": descriptor, "is_crossing": pacing.is_crossing, "most_per_second": rate}
        process = subprocess.Popen(  # noqa: S603 - our own interpreter with our own words
            [sys.executable, *INTERPRETER, str(PROJECT), json.dumps(options)],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
            pass_fds=(root, descriptor),
            process_group=0,
        )
        return Worker(process, ours, mmap.mmap(descriptor, MEMORY_BYTES))
    finally:
        os.close(descriptor)
        theirs.close()


def ending(status: int) -> str:
    """How a process ended, in words."""
    return f"signal {-status}" if status < 0 else f"status {status}"


def _failed(message: Mapping[str, Any]) -> ScanInterrupted:
    if "root_gone" in message:
        return ScanInterrupted(
            f"The folder that is scanned can not be listed any more ({message['root_gone']}); nothing was kept.",
            remedy="Look whether its disk is still mounted, and scan again.",
        )
    return ScanInterrupted(
        f"A process of the scan gave up ({message.get('failed', 'no reason told')}); nothing was kept.",
        remedy="Scan again; fewer workers need fewer files and less memory.",
    )
