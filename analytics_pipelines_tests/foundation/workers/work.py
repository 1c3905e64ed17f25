"""What the tests let workers do."""

import contextlib
import importlib
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zoneinfo
from collections.abc import Callable
from pathlib import Path

from analytics_pipelines.foundation.errors import BadInput, FaultAt, LimitExceeded, TooManyRequests
from analytics_pipelines.foundation.workers.channel import receive_whole, send_whole
from analytics_pipelines.foundation.workers.outcomes import HEAD


class TooManyStars(LimitExceeded):
    """An error whose class is built in its own way."""

    def __init__(self, stars: int, *, seen: list[str]) -> None:
        super().__init__(f"{stars} stars are too many.", limit="3 stars", remedy="Count fewer.")
        self.stars = stars
        self.seen = seen
        self.kept_here = object()


def greet(who: str) -> bytes:
    return b"hello " + who.encode()


def pid() -> bytes:
    return str(os.getpid()).encode()


def parent() -> bytes:
    return str(os.getppid()).encode()


def large(size_bytes: int) -> bytes:
    return b"x" * size_bytes


def environment(name: str) -> bytes:
    return os.environ.get(name, "-").encode()


def raises_ours() -> bytes:
    raise TooManyStars(4, seen=["Vega", "Deneb"])


def raises_faults() -> bytes:
    raise BadInput("Two things are wrong.", faults=[FaultAt("/a", "X", "a is wrong"), FaultAt("/b", "Y", "so is b")])


def raises_for_a_while() -> bytes:
    raise TooManyRequests("Too often.", retry_after_s=7)


def raises_another() -> bytes:
    raise RuntimeError("the password is hunter2")


def gives_text() -> str:
    return "no bytes"


def exits(status: int) -> bytes:
    os._exit(status)


def leaves() -> bytes:
    sys.exit(3)


def is_killed() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def takes_memory(size_bytes: int) -> bytes:
    return b"%d" % len(bytearray(size_bytes))


def lists_without_end() -> bytes:
    held = []
    while True:
        held.append(bytearray(2**20))


def writes(path: str, size_bytes: int) -> bytes:
    Path(path).write_bytes(bytes(size_bytes))
    return b"written"


def sleeps(note: str, duration_s: float) -> bytes:
    Path(note).write_text(str(os.getpid()))
    time.sleep(duration_s)
    return b"slept"


def spins_deaf(note: str) -> bytes:
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGXCPU):
        signal.signal(each, signal.SIG_IGN)
    Path(note).write_text(str(os.getpid()))
    while True:
        pass


def has_a_child(note: str) -> bytes:
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    Path(note).write_text(str(pid))
    time.sleep(60)
    return b""


def leaves_files() -> bytes:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"x")
    Path("here").write_bytes(b"y")
    return (str(Path.cwd()) + "\n" + file.name + "\n" + oct(Path().stat().st_mode & 0o777)).encode()


def bounds() -> bytes:
    kinds = (resource.RLIMIT_CORE, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)
    return repr([resource.getrlimit(kind)[1] for kind in kinds]).encode()


def descriptors() -> bytes:
    open_ones = []
    for each in range(3, 64):
        with contextlib.suppress(OSError):
            os.fstat(each)
            open_ones.append(each)
    return repr(len(open_ones)).encode()


def order_of_a_set() -> bytes:
    return repr(list({"a", "b", "c", "d", "e", "f"})).encode()


def threads_of_libraries() -> bytes:
    return (os.environ["OMP_NUM_THREADS"] + os.environ["OPENBLAS_NUM_THREADS"]).encode()


def says_what_it_likes(content: bytes) -> bytes:
    for each in range(3, 16):
        with contextlib.suppress(OSError):
            os.write(each, content)
    os._exit(0)


def answers_and_goes_on(note: str) -> bytes:
    Path(note).write_text(str(os.getpid()))
    for each in range(3, 16):
        with contextlib.suppress(OSError):
            os.write(each, HEAD.pack(b"=", 2) + b"ok")
    time.sleep(60)
    return b""


def echoes(end: socket.socket) -> None:
    send_whole(end, receive_whole(end) + b"!")
    send_whole(end, str(os.getpid()).encode())
    time.sleep(60)


def tries_to_leave(rooms: str) -> bytes:
    """The names of what could be done."""
    tries: dict[str, Callable[[], object]] = {
        "reads_given": lambda: Path(rooms, "given", "file").read_text(),
        "writes_own": lambda: Path("note").write_text("x"),
        "writes_given": lambda: Path(rooms, "given", "new").write_text("x"),
        "writes_beside": lambda: Path(rooms, "beside", "file").write_text("x"),
        "imports_late": lambda: importlib.import_module("wave"),
        "reads_a_zone": lambda: zoneinfo.ZoneInfo.no_cache("Europe/Berlin"),
        "reads_elsewhere": lambda: Path(rooms, "elsewhere", "file").read_text(),
        "writes_elsewhere": lambda: Path(rooms, "elsewhere", "new").write_text("x"),
        "reads_the_accounts": lambda: Path("/etc/passwd").read_text(),
        "opens_a_socket": socket.socket,
        "runs_a_program": lambda: subprocess.run(["/bin/true"], check=True),
        "signals_the_parent": lambda: os.kill(os.getppid(), 0),
    }
    done = []
    for name, what in tries.items():
        with contextlib.suppress(OSError):
            what()
            done.append(name)
    return " ".join(done).encode()
