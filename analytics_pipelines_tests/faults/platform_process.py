"""`analytics up` as a process of its own, for tests that hurt it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from analytics_pipelines.foundation.processes import any_free_port
from analytics_pipelines_tests.waiting import wait_until

START_WAIT_S = 60


class Platform:
    """One home and its ports; it may be started many times."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = any_free_port("127.0.0.1")
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        given = {"ANALYTICS_HOME": str(home), "API_PORT": str(self.port), "API_WORKERS": "2", "COLUMNS": "200"}
        self.environment = {**os.environ, **given}

    def analytics(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the shell in this home."""
        command = [sys.executable, "-m", "analytics_pipelines.cli.main", *arguments]
        return subprocess.run(
            command,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=self.home.parent,
        )

    def start(self) -> None:
        """Start it and wait until it is healthy."""
        output = (self.home.parent / "up.log").open("ab")
        command = [sys.executable, "-m", "analytics_pipelines.cli.main", "up", "--no-dagster"]
        self.process = subprocess.Popen(
            command, env=self.environment, stdout=output, stderr=output, start_new_session=True, cwd=self.home.parent
        )
        output.close()
        wait_until(self.is_healthy, seconds=START_WAIT_S)

    def stop(self) -> int:
        """End it as Ctrl-C does; its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def kill(self) -> None:
        """Kill the supervisor alone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def is_healthy(self) -> bool:
        """Whether /health says so."""
        assert self.process is None or self.process.poll() is None, (self.home.parent / "up.log").read_text()
        try:
            return httpx.get(self.url + "/health", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def collect(self, event_id: str) -> httpx.Response:
        """Send one event."""
        body = {"eventType": "pageview", "eventId": event_id, "siteId": "example", "visitorId": "v"}
        return httpx.post(self.url + "/collect", json=body, timeout=10)

    def processes(self, name: str) -> list[psutil.Process]:
        """Our descendants whose command line or name has `name` in it."""
        assert self.process is not None
        found = psutil.Process(self.process.pid).children(recursive=True)
        return [each for each in found if any(name in part for part in words_of(each))]


def words_of(process: psutil.Process) -> list[str]:
    """Name and command line of a process; nothing of one that has ended."""
    try:
        return [process.name(), *process.cmdline()]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def platform(folder: Path) -> Iterator[Platform]:
    """A platform with a space in its home's path; nothing of it is left afterwards."""
    made = Platform(folder / "my home")
    try:
        yield made
    finally:
        if made.process is not None and made.process.poll() is None:
            made.stop()
