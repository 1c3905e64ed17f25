"""The supervisor restarts what dies, waits longer each time, and ends everything."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from analytics_pipelines.cli.supervisor import FIRST_PAUSE_S, Program, Supervisor
from analytics_pipelines_tests.waiting import wait_until

SLEEP = "import time; print('up', flush=True); time.sleep(60)"


def program(folder: Path, code: str = SLEEP, name: str = "sleeper") -> Program:
    return Program(name, (sys.executable, "-c", code), dict(os.environ), folder / f"{name}.log")


def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    told: list[str] = []
    supervisor = Supervisor([program(tmp_path)], told.append)
    supervisor.start()
    (child,) = supervisor.children
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)

    def is_back() -> bool:
        supervisor.turn()
        return child.process is not None and child.process.pid != first

    wait_until(is_back)
    supervisor.stop()
    assert told == [f"sleeper ended with status -9; starting it again in {2 * FIRST_PAUSE_S:g} s"]


def test_a_child_that_keeps_dying_is_given_longer_pauses(tmp_path: Path) -> None:
    supervisor = Supervisor([program(tmp_path, "raise SystemExit(3)")], lambda _: None)
    supervisor.start()
    (child,) = supervisor.children
    pauses = []
    for _ in range(3):
        assert child.process is not None
        child.process.wait()
        supervisor.turn()
        pauses.append(child.pause_s)
        child.not_before_s = 0
        supervisor.turn()
    supervisor.stop()
    assert pauses == [2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S, 8 * FIRST_PAUSE_S]


def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    supervisor = Supervisor([program(tmp_path, name=name) for name in ("one", "two")], lambda _: None)
    supervisor.start()
    pids = [child.process.pid for child in supervisor.children if child.process]
    supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_everything_with_status_zero(tmp_path: Path, kind: signal.Signals) -> None:
    script = (
        "import os, sys; from pathlib import Path\n"
        "from analytics_pipelines.cli.supervisor import Program, Supervisor\n"
        f"p = Program('s', (sys.executable, '-c', {SLEEP!r}), dict(os.environ), Path({str(tmp_path / 's.log')!r}))\n"
        "Supervisor([p], print).run(); print('clean')"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True)
    log = tmp_path / "s.log"
    wait_until(lambda: log.exists() and "up" in log.read_text())
    children = psutil.Process(parent.pid).children()
    started_s = time.monotonic()
    os.kill(parent.pid, kind)
    output, _ = parent.communicate(timeout=10)
    assert (parent.returncode, output) == (0, "clean\n")
    assert time.monotonic() - started_s < 8
    assert not any(child.is_running() for child in children)
