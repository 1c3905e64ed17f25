"""One PostgreSQL process: started so that it ends with us, stopped politely, found again after a crash."""

import os
import signal
import subprocess
import threading
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from analytics_pipelines.foundation.postgres.server.account import Account
from analytics_pipelines.foundation.processes import dies_with_parent

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
POLL_S = 0.05
FORCED_PATIENCE_S = 10.0


def run(command: list[str], *, account: Account, descriptors: Sequence[int] = ()) -> subprocess.CompletedProcess[str]:
    """The program's end and what it wrote; it dies with us, so that nothing is half-made behind our back."""
    with _forks():
        return subprocess.run(  # noqa: S603 - our own command line
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            errors="replace",
            cwd="/",
            env=ENVIRONMENT,
            pass_fds=descriptors,
            preexec_fn=dies_with_parent(signal.SIGKILL),
            **account.arguments(),
        )


def spawn(command: list[str], *, account: Account, data: int, log: int) -> subprocess.Popen[bytes]:
    """The server's process; a shutdown request reaches it when we die, however that happens.

    The kernel sends that signal when the *thread* that forked ends, so a thread of its own starts the
    process and outlives it. A session of its own keeps the terminal's Ctrl-C from the server, which must
    end last. `data` is an inherited descriptor: the folder may lie where the account can not walk.
    """
    answer: SimpleQueue[subprocess.Popen[bytes] | BaseException] = SimpleQueue()

    def keep() -> None:
        try:
            process = _popen(command, account, data, log)
        except BaseException as error:  # noqa: BLE001 - raised again where the caller waits
            answer.put(error)
            return
        answer.put(process)
        process.wait()

    threading.Thread(target=keep, name="postgres keeper", daemon=True).start()
    found = answer.get()
    if isinstance(found, BaseException):
        raise found
    return found


def _popen(command: list[str], account: Account, data: int, log: int) -> subprocess.Popen[bytes]:
    with _forks():
        return subprocess.Popen(  # noqa: S603 - our own command line
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=ENVIRONMENT,
            pass_fds=[data],
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGINT),  # noqa: PLW1509 - it only calls prctl
            **account.arguments(),
        )


@contextmanager
def _forks() -> Iterator[None]:
    """Forking beside threads is what newer Pythons warn of; the child only calls prctl before it execs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def stop(process: subprocess.Popen[bytes], *, patience_s: float) -> None:
    """Fast shutdown, then immediate, then by force; returns when the process is gone."""
    for sign, wait_s in (
        (signal.SIGINT, patience_s),
        (signal.SIGQUIT, FORCED_PATIENCE_S),
        (signal.SIGKILL, FORCED_PATIENCE_S),
    ):
        process.send_signal(sign)
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            continue
        return


def _requests(patience_s: float) -> Iterator[tuple[signal.Signals, float]]:
    yield signal.SIGINT, patience_s
    yield signal.SIGQUIT, FORCED_PATIENCE_S
    yield signal.SIGKILL, FORCED_PATIENCE_S


def survivors(data: Path) -> list[int]:
    """Processes of PostgreSQL that still work in this data folder, postmaster or orphans."""
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if _works_in(process, data)]


def _works_in(process: Path, data: Path) -> bool:
    try:
        if (process / "comm").read_text().strip() != "postgres":
            return False
        # Root without the right to trace sees no working folder of others, but every title.
        return identity(data) in (process / "cmdline").read_text() or data.samefile(process / "cwd")
    except OSError:
        return False


def identity(data: Path) -> str:
    """A word for this very folder, which each process of its server carries in its title."""
    found = data.stat()
    return "data-" + str(found.st_dev) + "-" + str(found.st_ino)


def stop_survivors(data: Path, *, patience_s: float) -> None:
    """End every process that survived its supervisor; two servers on one folder would ruin it."""
    for sign, wait_s in (
        (signal.SIGINT, patience_s),
        (signal.SIGQUIT, FORCED_PATIENCE_S),
        (signal.SIGKILL, FORCED_PATIENCE_S),
    ):
        _signal_all(survivors(data), sign)
        deadline = time.monotonic() + wait_s
        while left := survivors(data):
            if time.monotonic() > deadline:
                break
            time.sleep(POLL_S)
        if not left:
            return


def _signal_all(pids: Iterable[int], sign: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            continue
