"""The process that forks the children: everything imported, no thread of ours, no secret in its environment.

It is told over one socket: each message carries the end of a connection, for which a child is forked. When the socket
closes, because the API closed it or died, it kills its children, removes their folders and ends. Threads that
libraries start when they are imported belong to their allocators, which are made for a fork.
"""

import argparse
import contextlib
import gc
import importlib
import os
import pkgutil
import shutil
import signal
import socket
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

from analytics_pipelines.foundation.cage import get_ready
from analytics_pipelines.foundation.processes import dies_with_parent

ONE_JOB = "analytics_pipelines.foundation.workers.child:serve"

Serve = Callable[[socket.socket], None]
"""What a child runs, given its end of the connection."""


class Zygote:
    """Forks a child for each connection that comes."""

    def __init__(self, control: socket.socket, serve: Serve) -> None:
        self._control = control
        self._serve = serve
        self._children: set[int] = set()
        self._dies_with_us = dies_with_parent(signal.SIGKILL)
        signal.signal(signal.SIGCHLD, self._reap)

    def run(self) -> None:
        """Fork until the API closes the socket or is gone."""
        while True:
            _, ends, _, _ = socket.recv_fds(self._control, 1, 1)
            if not ends:
                return
            # Without room for one more, whoever asked sees the connection close.
            with contextlib.suppress(OSError), socket.socket(fileno=ends[0]) as end:
                self._fork(end)

    def end(self) -> None:
        """Kill what is left, and wait for it."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()

    def _fork(self, end: socket.socket) -> None:
        """A child that ended before we noted it would stay noted: its signal waits until then."""
        with _later(signal.SIGCHLD):
            pid = os.fork()
            if pid:
                self._children.add(pid)
        if not pid:
            self._become_a_child(end)

    def _become_a_child(self, end: socket.socket) -> NoReturn:
        try:
            os.setsid()
            self._dies_with_us()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._control.close()
            self._serve(end)
        except ConnectionError:
            # Whoever asked has gone.
            pass
        except Exception:  # noqa: BLE001 - told to whoever reads the API's output, since nobody else would
            traceback.print_exc()
        finally:
            # What libraries would do at exit is the parent's, or takes time.
            os._exit(0)

    def _reap(self, *_: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                self._children.discard(pid)


@contextlib.contextmanager
def _later(kind: signal.Signals) -> Iterator[None]:
    signal.pthread_sigmask(signal.SIG_BLOCK, {kind})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {kind})


def main(descriptor: int, folder: str, serve: str, modules: Sequence[str]) -> None:
    """Import the modules, then fork children that run `serve` (`module:function`); `folder` is removed at the end.

    Only the API ends it: signals that end a whole group of processes reach the API too.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as control:
        try:
            for module in modules:
                importlib.import_module(module)
            served: Serve = pkgutil.resolve_name(serve)
            get_ready()
            gc.collect()
            gc.freeze()
            zygote = Zygote(control, served)
            zygote.run()
            zygote.end()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", default=ONE_JOB)
    parser.add_argument("descriptor", type=int)
    parser.add_argument("folder")
    parser.add_argument("modules", nargs="*")
    return parser.parse_args()


if __name__ == "__main__":
    asked = _asked()
    main(asked.descriptor, asked.folder, asked.serve, asked.modules)
