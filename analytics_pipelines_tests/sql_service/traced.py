"""What caged processes really opened, by strace: calls of a process from the moment at which it was caged."""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analytics_pipelines_tests.waiting import wait_until

STRACE = shutil.which("strace")
CAGED = "landlock_restrict_self"
OPENING = ("open", "openat", "openat2", "creat")
OTHERS = (
    "socket",
    "connect",
    "execve",
    "execveat",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
)
FORKING = ("clone", "clone3", "fork", "vfork")
LINE = re.compile(
    r"(?P<pid>\d+) +(?P<call>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)(?:<(?P<file>.*?)>)?(?P<more>.*)"
)
HALF = re.compile(r"(?P<pid>\d+) +(?P<begin>\w+\(.*) <unfinished \.\.\.>$")
REST = re.compile(r"(?P<pid>\d+) +<\.\.\. \w+ resumed>(?P<rest>.*)")
WAIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Call:
    """A call that succeeded."""

    at: int
    """Its place among all."""
    pid: int
    name: str
    arguments: str
    result: int
    file: str
    """What an opened descriptor stands for."""


@contextmanager
def traced(pid: int, log: Path) -> Iterator[None]:
    """Note what the process and those that it forks do, while the block lasts."""
    assert STRACE is not None
    calls = ",".join((*OPENING, *OTHERS, *FORKING, CAGED))
    command = [
        STRACE,
        "-f",
        "-y",
        "-s",
        "4096",
        "-e",
        "trace=" + calls,
        "-e",
        "signal=none",
        "-o",
        str(log),
        "-p",
        str(pid),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        assert "attached" in process.stderr.readline()
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=WAIT_S)


def calls_in(log: Path) -> list[Call]:
    """All that succeeded, in order."""
    found = []
    for at, line in enumerate(whole_lines(log.read_text(encoding="utf-8", errors="replace"))):
        match = LINE.match(line)
        if match and int(match["result"]) >= 0:
            told = (int(match["pid"]), match["call"], match["arguments"], int(match["result"]), match["file"] or "")
            found.append(Call(at, *told))
    return found


def whole_lines(text: str) -> Iterator[str]:
    """Lines, with those that another process interrupted put together where they end."""
    begun: dict[str, str] = {}
    for line in text.splitlines():
        if half := HALF.match(line):
            begun[half["pid"]] = half["begin"]
        elif rest := REST.match(line):
            yield rest["pid"] + " " + begun.pop(rest["pid"], "") + rest["rest"]
        else:
            yield line


def caged_calls(calls: list[Call]) -> list[Call]:
    """Those of processes that were caged by then, and of the threads that these made."""
    caged_at = {call.pid: call.at for call in calls if call.name == CAGED}
    parents = {call.result: call.pid for call in calls if call.name in FORKING}

    def is_caged(call: Call) -> bool:
        pid: int | None = call.pid
        while pid is not None:
            if pid in caged_at:
                return call.at > caged_at[pid]
            pid = parents.get(pid)
        return False

    return [call for call in calls if is_caged(call)]


def wait_for_cages(log: Path, count: int) -> None:
    """Return once so many processes have been caged."""
    wait_until(lambda: len({call.pid for call in calls_in(log) if call.name == CAGED}) >= count, seconds=WAIT_S)
