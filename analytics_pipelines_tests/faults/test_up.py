"""`analytics up` comes back from whatever is killed, and keeps what it acknowledged."""

import signal
from pathlib import Path

import httpx
import psutil
import pytest

from analytics_pipelines_tests.faults.platform_process import Platform, platform
from analytics_pipelines_tests.waiting import wait_until

pytestmark = pytest.mark.fault


def is_stored(running: Platform, event_id: str) -> bool:
    """Whether the event is in the log; one that was acknowledged from the spool comes there in a moment."""
    recent = httpx.get(running.url + "/events/recent", params={"limit": 100}, timeout=10)
    return recent.is_success and event_id in {each["event_id"] for each in recent.json()}


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_survives_the_death_of_each_of_its_processes_and_its_own(tmp_path: Path) -> None:
    """One life after the other, since each start costs as much as all that is killed in between."""
    with platform(tmp_path) as running:
        running.start()
        assert running.collect("before").json()["message"] == "Event received and stored"
        refused = running.analytics("up", "--no-dagster")
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
        assert refused.stderr.startswith("error: Another process runs the embedded database")

        workers = [each for each in running.processes("spawn_main") if each.is_running()]
        assert len(workers) == 2
        workers[0].kill()
        wait_until(lambda: len(running.processes("spawn_main")) == 2, seconds=30)
        wait_until(running.is_healthy, seconds=30)

        (api,) = running.processes("create_app")
        api.kill()
        wait_until(lambda: not api.is_running())
        wait_until(running.is_healthy, seconds=60)

        postmaster = min(running.processes("postgres"), key=lambda each: each.create_time())
        postmaster.kill()
        wait_until(lambda: not postmaster.is_running())
        wait_until(running.is_healthy, seconds=60)
        wait_until(lambda: is_stored(running, "before"), seconds=30)

        family = family_of(running)
        running.kill()
        wait_until(lambda: not any(alive(each) for each in family), seconds=30)
        running.start()
        wait_until(lambda: is_stored(running, "before"), seconds=30)

        family = family_of(running)
        assert running.process is not None
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) == 0
        assert not any(alive(each) for each in family)


def family_of(running: Platform) -> list[psutil.Process]:
    assert running.process is not None
    return psutil.Process(running.process.pid).children(recursive=True)


@pytest.mark.long
def test_pid_files_of_another_life_keep_nobody_from_starting(tmp_path: Path) -> None:
    with platform(tmp_path) as running:
        running.start()
        running.collect("before")
        running.kill()
        for pid_file in (running.home / "postgres").rglob("postmaster.pid"):
            pid_file.write_text("12")
        running.start()
        wait_until(lambda: is_stored(running, "before"), seconds=30)
