"""Children end with their parent, and ports are told apart."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from analytics_pipelines.foundation.processes import any_free_port, is_port_free, start_child, stop_family
from analytics_pipelines_tests.waiting import wait_until

SLEEP = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")


def test_output_goes_to_a_private_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "child.log"
    child = start_child(SLEEP, environment=dict(os.environ), log=log)
    wait_until(lambda: log.read_text() == "up\n")
    stop_family(child, wait_s=5)
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_child_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    log = tmp_path / "child.log"
    child = start_child((sys.executable, "-c", stubborn), environment=dict(os.environ), log=log)
    wait_until(lambda: log.exists() and log.read_text() == "up\n")
    stop_family(child, wait_s=0.2)
    assert child.returncode == -signal.SIGKILL


def test_stopping_takes_grandchildren_along(tmp_path: Path) -> None:
    parent = f"import subprocess, time; p = subprocess.Popen({list(SLEEP)!r}); print(p.pid, flush=True); time.sleep(60)"
    log = tmp_path / "child.log"
    child = start_child((sys.executable, "-c", parent), environment=dict(os.environ), log=log)
    wait_until(lambda: log.exists() and "up" in log.read_text())
    grandchild = int(log.read_text().splitlines()[0])
    stop_family(child, wait_s=5)
    wait_until(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == "zombie")


def test_stopping_takes_descendants_in_sessions_of_their_own_along(tmp_path: Path) -> None:
    start = f"subprocess.Popen({list(SLEEP)!r}, start_new_session=True)"
    log = tmp_path / "child.log"
    code = f"import subprocess, time; p = {start}; print(p.pid, flush=True); time.sleep(60)"
    child = start_child((sys.executable, "-c", code), environment=dict(os.environ), log=log)
    wait_until(lambda: log.exists() and "up" in log.read_text())
    grandchild = int(log.read_text().splitlines()[0])
    stop_family(child, wait_s=0.5)
    wait_until(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == "zombie")


@pytest.mark.fault
def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path\n"
        "from analytics_pipelines.foundation.processes import start_child\n"
        f"child = start_child({SLEEP!r}, environment=dict(os.environ), log=Path({str(tmp_path / 'c.log')!r}))\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie")


def test_a_port_with_a_listener_is_not_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not is_port_free("127.0.0.1", port)
    assert is_port_free("127.0.0.1", port)


def test_a_free_port_can_be_listened_on() -> None:
    port = any_free_port("127.0.0.1")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
