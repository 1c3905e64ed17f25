"""One parent for all processes of `analytics up`: starts them, restarts what dies, ends them in order."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from analytics_pipelines.foundation.processes import start_child, stop_family

POLL_S = 0.25
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0
STOP_WAIT_S = 20.0

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, with which environment, and where its output goes."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path


@dataclass(slots=True)
class Child:
    """A program with its process; dying soon after a start makes the next pause longer."""

    program: Program
    process: "subprocess.Popen[bytes] | None" = None
    started_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    not_before_s: float = 0.0

    def start(self) -> None:
        """Start the program now."""
        self.started_s = time.monotonic()
        self.process = start_child(self.program.command, environment=self.program.environment, log=self.program.log)

    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def keep_alive(self, tell: Tell) -> None:
        """Start it again once it died and its pause is over."""
        if self.process is not None and self.process.poll() is not None:
            self._bury(tell)
        if self.process is None and time.monotonic() >= self.not_before_s:
            self.start()

    def stop(self) -> None:
        """End it and its group."""
        if self.process is not None:
            stop_family(self.process, wait_s=STOP_WAIT_S)
            self.process = None

    def _bury(self, tell: Tell) -> None:
        assert self.process is not None  # noqa: S101 - for the type checker
        status = self.process.returncode
        stop_family(self.process, wait_s=0)
        was_steady = time.monotonic() - self.started_s > STEADY_AFTER_S
        self.pause_s = FIRST_PAUSE_S if was_steady else min(self.pause_s * 2, LONGEST_PAUSE_S)
        self.not_before_s = time.monotonic() + self.pause_s
        self.process = None
        tell(f"{self.program.name} ended with status {status}; starting it again in {self.pause_s:g} s")


@dataclass(slots=True)
class Supervisor:
    """Keeps its children alive until it is told to stop; `also` is called on every turn."""

    programs: list[Program]
    tell: Tell
    also: Callable[[], None] = lambda: None
    children: list[Child] = field(default_factory=list)
    _stopping: bool = False

    def run(self) -> None:
        """Start all, watch them until SIGINT or SIGTERM, end them in reverse order."""
        before = {kind: signal.signal(kind, self._ask_to_stop) for kind in (signal.SIGINT, signal.SIGTERM)}
        try:
            self.start()
            while not self._stopping:
                self.turn()
                time.sleep(POLL_S)
        finally:
            self.stop()
            for kind, handler in before.items():
                signal.signal(kind, handler)

    def start(self) -> None:
        """Start every program."""
        self.children = [Child(program) for program in self.programs]
        for child in self.children:
            child.start()

    def turn(self) -> None:
        """Look after every child once."""
        self.also()
        for child in self.children:
            child.keep_alive(self.tell)

    def stop(self) -> None:
        """End every child, the last one first."""
        for child in reversed(self.children):
            child.stop()
        self.children = []

    def _ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True
