"""`analytics …` as a process that can be killed, forked from one that has imported everything.

A fresh interpreter spends longer on importing Dagster than on three days of work, and a kill during imports
shows nothing; so all commands of a test process are forked from one server. What runs in them is `main()` with
its real arguments, environment and database.
"""

import multiprocessing as mp
import os
import sys
import time
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

PRELOADED = [
    "analytics_pipelines.cli.main",
    "analytics_pipelines.cli.materialize",
    "dagster._core.storage.sqlite_storage",
    "importlib.readers",
    "pandas",
    "pyarrow.parquet",
    "upath",
    "vl_convert",
]
LONGEST_S = 120.0
MODE = 0o600


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended: its status (negative: killed by that signal), what it wrote, how long it took."""

    status: int
    out: str
    err: str
    duration_s: float

    def must_be_fine(self) -> "Outcome":
        """Itself; fails with what the command said otherwise."""
        assert self.status == 0, self.err or self.status
        return self

    @property
    def is_one_line(self) -> bool:
        """Whether it ended with status 1 and nothing but one `error:` line."""
        return self.status == 1 and self.err.startswith("error: ") and self.err.count("\n") == 1


class Running:
    """A command under way."""

    def __init__(self, process: BaseProcess, folder: Path) -> None:
        self.process = process
        self._folder = folder
        self._started_s = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self._started_s

    def kill(self) -> Outcome:
        """Kill it as `kill -9` does."""
        self.process.kill()
        return self.wait()

    def wait(self) -> Outcome:
        """Wait for its end; fails when it takes too long."""
        self.process.join(LONGEST_S)
        if self.process.exitcode is None:
            self.process.kill()
            raise AssertionError("the command did not end: " + (self._folder / "err").read_text())
        written = [(self._folder / name).read_text() for name in ("out", "err")]
        return Outcome(self.process.exitcode, *written, self.elapsed_s)


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs commands in one home; `given` are settings by their upper-case names."""

    home: Path
    folder: Path
    given: tuple[tuple[str, str], ...] = ()

    def start(self, *arguments: object) -> Running:
        """Start a command; what it writes is kept in `folder`."""
        self.folder.mkdir(exist_ok=True)
        environment = {
            "ANALYTICS_HOME": str(self.home),
            "COLUMNS": "200",
            "PATH": os.environ["PATH"],
            **dict(self.given),
        }
        context = mp.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        words = ["analytics", *map(str, arguments)]
        process = context.Process(target=_command, args=(words, environment, str(self.folder)))
        process.start()
        return Running(process, self.folder)

    def run(self, *arguments: object) -> Outcome:
        """Run a command to its end."""
        return self.start(*arguments).wait()


def _command(words: list[str], environment: dict[str, str], folder: str) -> None:
    """What the forked process does: output into files, settings into the environment, then the command itself."""
    from analytics_pipelines.cli.main import main

    for descriptor, name in ((1, "out"), (2, "err")):
        target = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)  # noqa: PTH118 - beside os.open
        os.dup2(target, descriptor)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = words
    main()
