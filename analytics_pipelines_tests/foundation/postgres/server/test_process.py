"""The process: politely stopped, then less politely; errors of its start reach the caller."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from analytics_pipelines.foundation.postgres.server import process as processes
from analytics_pipelines.foundation.postgres.server.account import Account
from analytics_pipelines.foundation.postgres.server.process import identity, run, spawn, stop, stop_survivors, survivors
from analytics_pipelines_tests.waiting import wait_until

OWN = Account(os.geteuid(), os.getegid(), is_own=True)
STUBBORN = "import signal, sys, time\nfor s in (2, 3): signal.signal(s, signal.SIG_IGN)\nprint('x', flush=True)\ntime.sleep(60)"


@pytest.fixture
def stubborn(tmp_path: Path) -> "subprocess.Popen[bytes]":
    """A process named like PostgreSQL's, at work in a folder, that ignores every polite request."""
    named = tmp_path / "postgres"
    named.symlink_to(sys.executable)
    process = subprocess.Popen([str(named), "-c", STUBBORN], cwd=tmp_path, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_a_server_that_can_not_be_started_is_an_error_where_it_was_asked_for(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log, pytest.raises(FileNotFoundError):
        spawn([str(tmp_path / "nothing")], account=OWN, data=log.fileno(), log=log.fileno())


def test_who_ignores_every_request_is_ended_by_force(
    stubborn: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "FORCED_PATIENCE_S", 0.1)
    stop(stubborn, patience_s=0.1)
    assert stubborn.poll() == -9


def test_survivors_are_found_by_their_folder_and_ended(
    stubborn: "subprocess.Popen[bytes]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "FORCED_PATIENCE_S", 0.1)
    assert survivors(tmp_path) == [stubborn.pid]
    assert survivors(tmp_path.parent) == []
    stop_survivors(tmp_path, patience_s=0.1)
    assert stubborn.wait() == -9


def test_survivors_are_found_by_their_title_where_their_folder_is_hidden(tmp_path: Path) -> None:
    named = tmp_path / "postgres"
    named.symlink_to(sys.executable)
    data = tmp_path / "data"
    data.mkdir()
    with subprocess.Popen([str(named), "-c", "import time; time.sleep(60)", identity(data)], cwd="/") as process:
        wait_until(lambda: survivors(data) == [process.pid])
        process.kill()


def test_a_shell_that_stands_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path) as bystander:
        stop_survivors(tmp_path, patience_s=0.1)
        assert bystander.poll() is None
        bystander.kill()


@pytest.mark.fault
def test_a_program_ends_with_the_process_that_ran_it(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom analytics_pipelines.foundation.postgres.server.account import Account\n"
        "from analytics_pipelines.foundation.postgres.server.process import run\n"
        "run(['/bin/sh', '-c', 'echo $$ > ' + sys.argv[1] + '; exec sleep 60'], account=Account(0, 0, is_own=True))\n"
    )
    note = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", code, str(note)], cwd=Path(__file__).parents[4])
    wait_until(lambda: note.exists() and note.read_text().endswith("\n"))
    child = Path("/proc") / note.read_text().strip()
    assert child.exists()
    parent.kill()
    parent.wait()
    wait_until(lambda: not child.exists() or "Z" in (child / "stat").read_text().split())


def test_a_program_tells_what_it_wrote() -> None:
    done = run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], account=OWN)
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")
