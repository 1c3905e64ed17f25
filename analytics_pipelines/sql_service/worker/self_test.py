"""Attacks that a worker makes on itself before it serves: below the gate, on the locked instance and from Python.

The gate lets none of them through; that they fail here too is what the cage and the lock are for.
"""

import os
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path

import duckdb

from analytics_pipelines.foundation.cage import LANDLOCK, SECCOMP, USER
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.sql_service.errors import Uncaged
from analytics_pipelines.sql_service.worker.engine import Instance

OUTSIDE = "/etc/passwd"
"""There on every machine, and readable by all users."""
CANARY = "/tmp/analytics-sql-canary-"  # noqa: S108 - nothing is to be made there
LOCKED = (
    "SELECT * FROM read_text({outside})",
    "SELECT * FROM read_blob({outside})",
    "SELECT * FROM read_csv({outside}, sep = '|', header = false, columns = {{'line': 'VARCHAR'}})",
    "SELECT * FROM sniff_csv({outside})",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM {outside_table}",
    "COPY (SELECT 1) TO {canary}",
    "COPY (SELECT 1) TO {canary_behind}",
    "EXPORT DATABASE {canary}",
    "ATTACH {canary} AS canary",
    "ATTACH {outside} AS canary (READ_ONLY)",
    "LOAD {outside}",
    "INSTALL httpfs",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET allowed_directories = ['/']",
    "SET memory_limit = '1TB'",
    "SET threads = 64",
    "SET GLOBAL TimeZone = 'Asia/Tokyo'",
    "SET temp_directory = '/tmp'",
    "SET profiling_output = {canary}",
    "SET log_query_path = {canary}",
    "CREATE PERSISTENT SECRET canary (TYPE http, BEARER_TOKEN 'canary')",
)
"""What the lock refuses."""
READ_ONLY = "COPY (SELECT 1) TO {generation_canary}"
"""What the engine would do, since folders that it may read are writable to it: this one the cage refuses."""


def check_instance(instance: Instance, generation: Path, spill: Path, lacks: Collection[str]) -> None:
    """Attack from SQL; raises `Uncaged` when an attack succeeds that the parts of the cage there are should stop."""
    for statement in _statements(generation, spill, lacks):
        if _succeeds_in_sql(instance, statement):
            raise uncaged(statement.partition("'")[0].strip())


def check_process(lacks: Collection[str]) -> None:
    """Attack from Python; raises as `check_instance` does."""
    for name, part, attack in ATTACKS:
        if part not in lacks and _succeeds(attack):
            raise uncaged(name)


def uncaged(attack: str) -> Uncaged:
    """The error of a worker that something can leave."""
    return Uncaged(
        "An attack of the self-test succeeded: " + attack + ".",
        remedy="No SQL is served like this. Look at the kernel's Landlock and seccomp, and at the container's rights.",
    )


def _statements(generation: Path, spill: Path, lacks: Collection[str]) -> Iterator[str]:
    canary = CANARY + str(os.getpid())
    parts = {
        "outside": literal(OUTSIDE),
        "outside_table": Sql('"' + OUTSIDE + '"'),
        "canary": literal(canary),
        "canary_behind": literal(str(spill / "..") + canary),
        "generation_canary": literal(str(generation / "canary")),
    }
    for text in LOCKED if LANDLOCK in lacks else (*LOCKED, READ_ONLY):
        yield Sql(text).fill(**parts).text


def _succeeds_in_sql(instance: Instance, statement: str) -> bool:
    with instance.cursor() as cursor:
        try:
            cursor.execute(statement).fetchall()
        except duckdb.Error:
            return False
    return True


def _succeeds(attack: Callable[[], None]) -> bool:
    try:
        attack()
    except OSError:
        return False
    return True


def _read() -> None:
    Path(OUTSIDE).read_bytes()


def _list() -> None:
    os.listdir("/")  # noqa: PTH208 - the call itself is what is tried


def _write() -> None:
    path = CANARY + str(os.getpid())
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with suppress(OSError):
        os.unlink(path)  # noqa: PTH108 - without what pathlib needs


def _connect() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _connect_here() -> None:
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()


def _send() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def _execute() -> None:
    try:
        os.execv("/nowhere", ["nowhere"])  # noqa: S606 - there is nothing there
    except FileNotFoundError:
        return


def _fork() -> None:
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)


def _signal() -> None:
    os.kill(os.getppid(), 0)


def _become_root() -> None:
    os.setuid(0)


ATTACKS: tuple[tuple[str, str, Callable[[], None]], ...] = (
    ("reading a file", LANDLOCK, _read),
    ("listing a folder", LANDLOCK, _list),
    ("making a file", LANDLOCK, _write),
    ("a TCP socket", SECCOMP, _connect),
    ("a Unix socket", SECCOMP, _connect_here),
    ("a UDP socket", SECCOMP, _send),
    ("running a program", SECCOMP, _execute),
    ("forking", SECCOMP, _fork),
    ("signalling the parent", SECCOMP, _signal),
    ("becoming root", USER, _become_root),
)
"""Names, and the part of the cage that holds each."""
