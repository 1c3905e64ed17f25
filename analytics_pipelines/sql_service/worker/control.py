"""The worker's side of its socket to the broker: one thread listens for jobs and stops, the other runs and reports."""

import os
import select
import socket
import threading
from queue import SimpleQueue

import orjson

from analytics_pipelines.sql_service.messages import (
    HEADER,
    MOST_FRAME_BYTES,
    Done,
    Job,
    Kind,
    StopReason,
    frame,
    frame_of,
    job_of,
)
from analytics_pipelines.sql_service.worker.stops import Running

AGAIN_AFTER_MS = 10
"""An interruption that falls between two statements is lost, so it is said again."""
MOST_DESCRIPTORS = 4


class BrokerGone(EOFError):
    """Nobody is there to work for."""


class Incoming:
    """A job that has come, with the connection that it is to be answered on."""

    def __init__(self, job: Job, end: socket.socket) -> None:
        self.job = job
        self.end = end
        self.running = Running(job.query_id)


class Control:
    """Both directions; `listen` belongs to one thread, everything else to another."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._guard = threading.Lock()
        self._current: Running | None = None
        self._incoming: SimpleQueue[Incoming] = SimpleQueue()

    def start(self) -> None:
        """Begin to listen; call it in the cage, since a thread that is there before stays outside."""
        threading.Thread(target=self._listen_or_end, name="control", daemon=True).start()

    def next(self) -> Incoming:
        """The next job, waiting for it."""
        return self._incoming.get()

    def began(self) -> None:
        """Tell that the next byte goes to the client."""
        self._end.sendall(frame(Kind.BEGAN))

    def keep(self, content: bytes) -> None:
        """Hand over a whole short answer for the cache."""
        self._end.sendall(frame(Kind.KEEP, content))

    def done(self, done: Done) -> None:
        """Tell how the job ended; a stop that comes later is too late, and is none of the next job's."""
        with self._guard:
            self._current = None
        self._end.sendall(frame_of(Kind.DONE, done))

    def listen(self) -> None:
        """Take what comes; raises `BrokerGone` at its end."""
        poll = select.poll()
        poll.register(self._end, select.POLLIN)
        while True:
            stopping = self._stopping()
            if stopping is not None and not poll.poll(AGAIN_AFTER_MS):
                stopping.interrupt()
                continue
            self._take(*received(self._end))

    def _listen_or_end(self) -> None:
        try:
            self.listen()
        finally:
            # Without the broker nobody can stop what runs here.
            os._exit(0)

    def _stopping(self) -> Running | None:
        with self._guard:
            return self._current if self._current is not None and self._current.is_stopping else None

    def _take(self, kind: Kind, content: bytes, descriptors: list[int]) -> None:
        if kind is Kind.JOB:
            (descriptor,) = descriptors
            incoming = Incoming(job_of(content), socket.socket(fileno=descriptor))
            with self._guard:
                self._current = incoming.running
            self._incoming.put(incoming)
        elif kind is Kind.STOP:
            self._stop(content)

    def _stop(self, content: bytes) -> None:
        told = orjson.loads(content)
        with self._guard:
            current = self._current
        if current is not None and current.query_id == told["query_id"]:
            current.stop(StopReason(told["reason"]))


def received(end: socket.socket) -> tuple[Kind, bytes, list[int]]:
    """The next frame and the descriptors that came with its first byte; raises `BrokerGone`."""
    head, descriptors = _exactly(end, HEADER.size)
    kind, length = HEADER.unpack(head)
    if length > MOST_FRAME_BYTES:
        raise BrokerGone
    content, _ = _exactly(end, length)
    return Kind(kind), content, descriptors


def _exactly(end: socket.socket, length: int) -> tuple[bytes, list[int]]:
    """So many bytes and not one more: a descriptor is given to whoever reads the byte that it came with."""
    content, found = bytearray(), []
    while len(content) < length:
        try:
            some, descriptors, _, _ = socket.recv_fds(end, length - len(content), MOST_DESCRIPTORS)
        except ConnectionError:
            some, descriptors = b"", []
        found += descriptors
        if not some:
            raise BrokerGone
        content += some
    return bytes(content), found
