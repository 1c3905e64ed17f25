"""The API as processes of its own beside an embedded server, for tests that kill either under load."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx
import psutil

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.embedded import EmbeddedServer
from analytics_pipelines.foundation.postgres.urls import database_urls
from analytics_pipelines.foundation.processes import any_free_port
from analytics_pipelines.foundation.settings import Settings, child_environment
from analytics_pipelines.web_events.intake.drain import spool_state
from analytics_pipelines_tests.faults.collect_load import Load
from analytics_pipelines_tests.waiting import wait_until
from analytics_pipelines_tests.web_events.intake.items import counted, held, must_balance

REAL = "analytics_pipelines.app:create_app"
START_WAIT_S = 60.0


class Collecting:
    """One home with its PostgreSQL and its API; both may be killed and started many times."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.port = any_free_port("127.0.0.1")
        self.server = EmbeddedServer(settings)
        self.api: subprocess.Popen[bytes] | None = None
        self._log = folder / "api.log"

    def start_api(self, *, workers: int = 1, app: str = REAL) -> None:
        """Start it and wait until it answers."""
        options = ("--factory", "--host", "127.0.0.1", "--port", str(self.port), "--workers", str(workers))
        command = [sys.executable, "-m", "uvicorn", app, *options, "--no-access-log", "--log-level", "warning"]
        environment = child_environment(self.settings, LOG_LEVEL="ERROR")
        with self._log.open("ab") as log:
            self.api = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        wait_until(self.answers, seconds=START_WAIT_S)

    def answers(self) -> bool:
        """Whether the API answers anything."""
        assert self.api is not None
        assert self.api.poll() is None, self._log.read_text()
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/openapi.json", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def kill_api(self) -> None:
        """Kill all its processes at once."""
        assert self.api is not None
        os.killpg(self.api.pid, signal.SIGKILL)
        self.api.wait()

    def end_api(self) -> int:
        """Ask it to end; its exit status."""
        assert self.api is not None
        self.api.send_signal(signal.SIGTERM)
        return self.api.wait(30)

    def kill_postgres(self) -> None:
        """Kill the postmaster; its children end when they notice."""
        assert self.server._process is not None
        psutil.Process(self.server._process.pid).kill()
        self.server._process.wait()

    def must_have_kept(self, load: Load) -> None:
        """Once the spool is empty everything acknowledged is stored, nothing twice, and the counters tell of it."""
        wait_until(lambda: spool_state(self.settings).pending == 0, seconds=60)
        with self._database() as database:
            stored = {event_id for _, event_id in held(database)[1]}
            assert load.acknowledged - stored == set()
            must_balance(database)
        assert len(load.acknowledged) > 50

    @property
    def days(self) -> set[date]:
        """UTC days of receipt."""
        with self._database() as database:
            return {day for day, _, _ in counted(database)}

    @contextmanager
    def _database(self) -> Iterator[Database]:
        database = Database(database_urls(self.settings).app, name="test", settings=self.settings)
        try:
            yield database
        finally:
            database.close()


@contextmanager
def collecting(settings: Settings, folder: Path, *, workers: int = 1, app: str = REAL) -> Iterator[Collecting]:
    """Both started; nothing of them is left afterwards."""
    made = Collecting(settings, folder)
    try:
        made.server.start()
        made.start_api(workers=workers, app=app)
        yield made
    finally:
        if made.api is not None and made.api.poll() is None:
            made.kill_api()
        made.server.stop()


def start_again(server: EmbeddedServer) -> None:
    """Start a server whose process was killed, as its supervisor does; its children may hold on for a moment."""
    deadline = time.monotonic() + START_WAIT_S
    while True:
        try:
            server.start()
            return
        except AnalyticsError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
