"""Other processes that use the embedded server of a home, some of them as another user."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
import pytest

from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo, parsed

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
REPOSITORY = Path(__file__).parents[3]


@contextmanager
def user_of(home: Path, uid: int | None = None, site: Path = REPOSITORY) -> Iterator["User"]:
    """A process that has the database of this home, as we are or as another user, with our package from `site`."""
    command = [sys.executable, "-P", "-m", __package__ + ".supervise", str(home), *([str(uid)] if uid else [])]
    environment = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{REPOSITORY}"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    try:
        yield User(process)
    finally:
        process.kill()
        process.communicate()


class User:
    """That process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def urls(self) -> DatabaseUrls:
        """What it was given, once it has it."""
        told: IO[bytes] | None = self.process.stdout
        assert told is not None
        return DatabaseUrls(**json.loads(told.readline()))

    def leave(self) -> None:
        """Ask it to end in order."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.stdin = None

    def has_left(self) -> bool:
        """Whether it has ended."""
        return self.process.poll() is not None

    def status(self) -> int:
        """Its exit status, once it ends."""
        return self.process.wait(30)


def as_user(uid: int, code: str, *arguments: str) -> str:
    """What a program prints that gives up root first; imports what it needs before that."""
    before = "import os, sys, psycopg, pathlib\nos.setgroups([]); os.setgid({uid}); os.setuid({uid})\n"
    program = before.replace("{uid}", str(uid)) + code
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, check=True, text=True)
    return done.stdout.strip()


def modes_of_parents(path: Path) -> dict[Path, int]:
    """Mode bits of all folders above."""
    return {parent: parent.stat().st_mode for parent in path.absolute().parents if parent.exists()}


def execute(urls: DatabaseUrls, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo(urls.owner), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def sockets(urls: DatabaseUrls) -> Path:
    return Path(str(parsed(urls.app).query["host"]))


def postmaster(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text().split()[0])
