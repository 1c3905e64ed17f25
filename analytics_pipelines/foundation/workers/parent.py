"""The API's side: the process that forks, and one connection to each of its children."""

import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from analytics_pipelines.foundation.workers.channel import receive, receive_whole, send_whole
from analytics_pipelines.foundation.workers.child import Job
from analytics_pipelines.foundation.workers.environment import environment_of
from analytics_pipelines.foundation.workers.outcomes import HEAD, Kind, Outcome

SEND_S = 60.0
"""Longest wait for a child to take its job."""
LAST_WAIT_S = 2.0
LARGEST_ANSWER_BYTES = 2**28
PREFIX = "analytics-workers-"
ONE_JOB = "analytics_pipelines.foundation.workers.child:serve"
ZYGOTE = "analytics_pipelines.foundation.workers.zygote"
"""Run, not imported: what a process runs should not be there already."""


class Child:
    """A forked process that waits for its one job, or serves what it was forked for at `end`.

    `pid` is known once it has said so; who lets it serve something else may set it, for `kill` and `let_go`.
    """

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.pid: int | None = None

    def begin(self, job: bytes, wait_s: Callable[[], float]) -> None:
        """Hand it its pickled job and wait until it has begun; raises `EOFError` when it will not, so that another may.

        Also raises what `wait_s` raises.
        """
        self.pid = int(receive_whole(self.end, wait_s))
        self.end.settimeout(SEND_S)
        try:
            send_whole(self.end, job)
        except OSError:
            raise EOFError from None
        receive_whole(self.end, wait_s)

    def outcome(self, wait_s: Callable[[], float]) -> Outcome:
        """How the job ended; raises `EOFError` when the process died, and what `wait_s` raises."""
        kind, length = HEAD.unpack(receive(self.end, HEAD.size, wait_s))
        if length > LARGEST_ANSWER_BYTES or kind not in {each.value for each in Kind}:
            raise EOFError
        return Outcome(Kind(kind), receive(self.end, length, wait_s))

    def let_go(self) -> None:
        """Close the connection: one that waits ends by itself, one that has told its outcome is ended."""
        self._stop()
        self.end.close()

    def kill(self) -> None:
        """End it and whatever it began, and wait until it writes no more."""
        self._stop()
        with suppress(OSError):
            self.end.settimeout(LAST_WAIT_S if self.pid is not None else 0)
            while self.end.recv(2**16):
                pass
        self.end.close()

    def _stop(self) -> None:
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


class Parent:
    """The process that has imported `modules` and forks; `folder` holds a folder for each job and goes with it.

    Its children run `serve`, a function as `module:function` that is given their end of the connection.
    """

    def __init__(self, modules: Sequence[str], serve: str = ONE_JOB) -> None:
        self._control, theirs = socket.socketpair()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        try:
            with theirs:
                self._process = _started(theirs.fileno(), self.folder, serve, modules)
        except BaseException:
            self._control.close()
            self.folder.rmdir()
            raise

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def child(self) -> Child:
        """A new child, which need not be there yet; raises `OSError` when the process is gone."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"f"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return Child(ours)

    def end(self) -> None:
        """End it and all its children, and remove its folder."""
        self._control.close()
        try:
            self._process.wait(LAST_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _started(control: int, folder: Path, serve: str, modules: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-P", "-m", ZYGOTE, "--serve", serve, str(control), str(folder), *modules],
        env=environment_of(sys.path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[control],
        start_new_session=True,
    )


def packed(job: Job) -> bytes:
    """The job as the child reads it; raises what pickling raises, of functions that are no module's."""
    return pickle.dumps(job)
