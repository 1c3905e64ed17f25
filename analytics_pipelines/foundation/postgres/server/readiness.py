"""When the server is ready: when a connection works; and what it said when it never was."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from analytics_pipelines.foundation.errors import SetupError, TimedOut
from analytics_pipelines.foundation.files import make_folders
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.postgres.server.account import SET_URL
from analytics_pipelines.foundation.postgres.server.cluster import failed
from analytics_pipelines.foundation.postgres.server.process import POLL_S

LARGEST_LOG_BYTES = 16 * 2**20
HOPELESS = (
    (
        "password authentication failed",
        "The embedded database refuses the passwords in credentials.json.",
        "Put back the file that belongs to ANALYTICS_HOME/postgres/data.",
    ),
    (
        "Permission denied",
        "The embedded database runs as a user id whose socket we may not enter.",
        "Start as a plain user, or " + SET_URL,
    ),
)
"""What no waiting helps against: libpq's words, ours, the remedy."""


@dataclass(frozen=True, slots=True)
class Log:
    """The server's log as it is handed to one process of it, which shares our place in the file."""

    descriptor: int
    begin: int

    def said(self) -> str:
        """What has been written since."""
        size = os.fstat(self.descriptor).st_size - self.begin
        return os.pread(self.descriptor, size, self.begin).decode(errors="replace")


@contextmanager
def log_of(home: Home) -> Iterator[Log]:
    """The server's private log, at its end; a long one is put aside first."""
    path = home.logs / "postgres.log"
    make_folders(path.parent)
    if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield Log(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


def wait_until_it_lets_in(conninfo: str, process: subprocess.Popen[bytes], log: Log, timeout_s: float) -> None:
    """Return once a connection works.

    Raises `SetupError` or `DiskFull` with the log's last lines when the process ends, `TimedOut` when it takes
    longer.
    """
    deadline = time.monotonic() + timeout_s
    while not lets_in(conninfo):
        if process.poll() is not None:
            raise failed(log.said(), "The embedded database stopped at its start")
        if time.monotonic() > deadline:
            raise TimedOut(
                "The embedded database did not become ready.",
                limit=str(timeout_s) + " s",
                remedy="After a crash recovery takes its time: raise EMBEDDED_POSTGRES_START_TIMEOUT_S.",
            )
        time.sleep(POLL_S)


def lets_in(conninfo: str) -> bool:
    """Whether a connection works; raises `SetupError` when it never will."""
    try:
        psycopg.connect(conninfo, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        for sign, detail, remedy in HOPELESS:
            if sign in str(error):
                raise SetupError(detail, remedy=remedy) from None
        return False
    return True
