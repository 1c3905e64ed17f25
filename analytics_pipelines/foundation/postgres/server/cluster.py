"""The data folder: made whole or not at all, and entered through an open descriptor.

The home may lie below folders that the server's account must not enter, and nobody's modes are changed for
that: the account gets the open folder itself, as `/proc/self/fd/N`.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from analytics_pipelines.foundation.errors import AnalyticsError, DiskFull, SetupError
from analytics_pipelines.foundation.files import sync_folder
from analytics_pipelines.foundation.postgres.server.account import Account, setup_account
from analytics_pipelines.foundation.postgres.server.binaries import Binaries
from analytics_pipelines.foundation.postgres.server.credentials import SUPERUSER, Credentials, drawn, keep
from analytics_pipelines.foundation.postgres.server.process import run

NEW = "data.new-"
SETUP_ROOM_BYTES = 128 * 2**20
START_ROOM_BYTES = 24 * 2**20
"""A segment of the write-ahead log, and a little."""


@contextmanager
def opened(data: Path) -> Iterator[int]:
    """A descriptor of the folder, to be inherited."""
    descriptor = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def through(descriptor: int) -> str:
    """The folder's path as a child sees it that inherited the descriptor."""
    return "/proc/self/fd/" + str(descriptor)


def must_have_room(folder: Path, needed_bytes: int) -> None:
    """Raise `DiskFull` before PostgreSQL stops half-way for want of room."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise DiskFull(
            "The disk has " + str(free // 2**20) + " MiB left, the embedded database needs more.",
            limit=str(needed_bytes // 2**20) + " MiB",
            remedy="Free some space below ANALYTICS_HOME.",
        )


def make_cluster(data: Path, binaries: Binaries, account: Account) -> Credentials:
    """Make the data folder beside its place and rename it there; what a killed try left is removed first.

    `initdb` insists on a user with a name; the files change hands before a server ever runs on them. The
    credentials are kept first, so that there is never a data folder whose passwords nobody knows.
    """
    for left in data.parent.glob(NEW + "*"):
        shutil.rmtree(left, ignore_errors=True)
    must_have_room(data.parent, SETUP_ROOM_BYTES)
    new = Path(tempfile.mkdtemp(prefix=NEW, dir=data.parent))
    credentials, maker = drawn(), setup_account()
    maker.give(new)
    try:
        with opened(new) as descriptor:
            _initdb(binaries, maker, descriptor, credentials.superuser)
        for path in [new, *new.rglob("*")]:
            account.give(path)
        keep(credentials, data.parent)
        new.rename(data)
        sync_folder(data.parent)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return credentials


def _initdb(binaries: Binaries, maker: Account, descriptor: int, password: str) -> None:
    """The password reaches it through memory, never through a file or the command line."""
    secret = os.memfd_create("password")
    try:
        os.write(secret, password.encode())
        os.fchmod(secret, 0o644)
        options = {
            "--pgdata": through(descriptor),
            "--username": SUPERUSER,
            "--pwfile": through(secret),
            "--auth": "scram-sha-256",
            "--encoding": "UTF8",
            "--locale": "C.UTF-8",
        }
        arguments = [key + "=" + value for key, value in options.items()]
        _run([str(binaries.initdb), *arguments], maker, [descriptor, secret])
    finally:
        os.close(secret)


def _run(command: list[str], account: Account, descriptors: Sequence[int]) -> None:
    """Raises `DiskFull` or `SetupError` with the program's last lines when it fails."""
    done = run(command, account=account, descriptors=descriptors)
    if done.returncode:
        raise failed(done.stderr, "The embedded database could not be set up")


def failed(told: str, what: str) -> AnalyticsError:
    """The typed error for a program of PostgreSQL that gave up, with its own last words."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    if "No space left on device" in told:
        return DiskFull("No space is left for the embedded database.", remedy="Free some space below ANALYTICS_HOME.")
    return SetupError(what + ": " + " / ".join(lines[-3:]), remedy="Its log is ANALYTICS_HOME/logs/postgres.log.")
