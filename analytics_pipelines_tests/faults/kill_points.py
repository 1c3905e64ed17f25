"""Kills itself at every system call that a replacement makes, one after the other: `python -m … HOME`.

Imports once, then forks a child for each point, so that each has a DuckDB of its own. In every child version 2
replaces version 1 in a lake at `HOME/<point>`. Prints the number of points that were reached.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from analytics_pipelines_tests.faults.writer import say
from analytics_pipelines_tests.foundation.lake.example import DAY, READINGS, generated, lake_at

CALLS = ("fsync", "replace", "chmod", "mkdir", "unlink", "rmdir", "open")
MOST_POINTS = 200


def kill_at(point: int, calls: Sequence[str] = CALLS) -> Callable[[], int]:
    """Count the calls from now on and die before number `point`; returns the reader of the count."""
    seen = 0

    def counting(real: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **named: object) -> object:
            nonlocal seen
            if seen == point:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1
            return real(*given, **named)

        return call

    for name in calls:
        setattr(os, name, counting(getattr(os, name)))
    return lambda: seen


def replace_and_die(home: Path, point: int) -> None:
    """Version 1 in peace, then version 2 with death at `point`."""
    lake = lake_at(home, threads=1)
    lake.replace(READINGS, DAY, generated(1))
    kill_at(point)
    lake.replace(READINGS, DAY, generated(2))


def survives(home: Path, point: int, work: Callable[[Path, int], None] = replace_and_die) -> bool:
    """Whether a child that does this came to its end before `point` was reached."""
    child = os.fork()
    if child == 0:
        work(home, point)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    if os.WEXITSTATUS(status):
        raise SystemExit("the child failed")
    return True


def main(home: str) -> None:
    """Every point until a child comes through."""
    for point in range(MOST_POINTS):
        if survives(Path(home) / str(point), point):
            say(str(point))
            return
    raise SystemExit("no child came through")


if __name__ == "__main__":
    main(sys.argv[1])
