"""What has to go on working in a cage, one try a function."""

import ctypes
import os
import resource
import select
import signal
import socket
import tempfile
import threading
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from analytics_pipelines.foundation.cage import privileges
from analytics_pipelines.foundation.cage.kernel import call
from analytics_pipelines_tests.foundation.cage.escapes import reads_elsewhere
from analytics_pipelines_tests.foundation.cage.room import Room, tried

SPILLING = "CREATE TEMP TABLE large AS SELECT range AS i, md5(range::VARCHAR) AS m FROM range(400000)"


def says_who_it_is(_: Room) -> dict[str, Any]:
    death = ctypes.create_string_buffer(4)
    call("prctl", privileges.PR_GET_PDEATHSIG, death, 0, 0, 0)
    return {
        "users": sorted(set(os.getresuid())),
        "groups": sorted({*os.getresgid(), *os.getgroups()}),
        "has_no_new_privileges": call("prctl", 39, 0, 0, 0, 0),
        "is_dumpable": call("prctl", 3, 0, 0, 0, 0),
        "dies_by": int.from_bytes(death.raw, "little"),
        "capabilities": privileges.capabilities(),
    }


def _names(folder: str | Path) -> list[str]:
    return sorted(each.name for each in Path(folder).iterdir())


def reads_and_lists(room: Room) -> list[object]:
    return [Path(room.read, "data").read_text(), _names(room.read)]


def works_with_files(room: Room) -> list[str]:
    folder = Path(room.write, "some")
    (folder / "deep").mkdir(parents=True)
    (folder / "a").write_text("abcdef")
    (folder / "a").rename(folder / "deep" / "b")
    with (folder / "deep" / "b").open("r+") as file:
        file.truncate(3)
        os.fsync(file.fileno())
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")
    (folder / "c").touch()
    (folder / "c").unlink()
    told = [(folder / "deep" / "b").read_text(), *_names(folder)]
    (folder / "deep" / "b").unlink()
    (folder / "deep").rmdir()
    return told


def runs_threads(_: Room) -> list[int]:
    told: list[int] = []
    running = [threading.Thread(target=told.append, args=(each,)) for each in range(4)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    return sorted(told)


def threads_are_caged_too(room: Room) -> list[object]:
    told: list[object] = []
    running = threading.Thread(target=lambda: told.append(tried(reads_elsewhere, room)))
    running.start()
    running.join()
    return told


def signals_itself(_: Room) -> list[int]:
    told: list[int] = []
    signal.signal(signal.SIGUSR1, lambda number, _: told.append(number))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.raise_signal(signal.SIGUSR1)
    return told


def binds_itself(_: Room) -> int:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return resource.getrlimit(resource.RLIMIT_CORE)[1]


def passes_descriptors(room: Room) -> list[object]:
    """Over a socket that was open before."""
    ours, theirs = room.pair
    reading, writing = os.pipe()
    socket.send_fds(ours, [b"x"], [reading])
    content, (passed,), _, _ = socket.recv_fds(theirs, 1, 1)
    os.write(writing, b"piped")
    theirs.setblocking(False)
    theirs.sendmsg([b"a", b"b"])
    ours.settimeout(5)
    return [content.decode(), os.read(passed, 5).decode(), ours.recv(2).decode()]


def waits_and_asks(_: Room) -> list[object]:
    reading, writing = os.pipe()
    os.write(writing, b"x")
    ready = select.poll()
    ready.register(reading, select.POLLIN)
    return [
        len(ready.poll(1000)),
        len(os.urandom(8)),
        os.cpu_count() is not None,
        bool(Path("/proc/self/cgroup").read_text()),
    ]


def asks_duckdb(room: Room) -> list[object]:
    """A view over Parquet, a bound value, more rows than there is memory for, and a file that is written."""
    settings = {"threads": 2, "memory_limit": "16MB", "temp_directory": room.write + "/spill"}
    with duckdb.connect(config=settings) as connection:
        connection.read_parquet(room.read + "/rows.parquet").create_view("rows")
        bound = connection.execute("SELECT sum(i) FROM rows WHERE i < ?", [4]).fetchone()
        connection.execute(SPILLING)
        spilt = connection.execute("SELECT sum(size) > 0 FROM duckdb_temporary_files()").fetchone()
        connection.execute("COPY (SELECT i FROM large WHERE i < 10) TO $file", {"file": room.write + "/out.parquet"})
        written = connection.read_parquet(room.write + "/out.parquet").shape[:1]
        try:
            connection.read_csv(room.elsewhere + "/secret")
        except duckdb.IOException:
            return [*bound, *spilt, *written, "refused"]
    return ["read elsewhere"]


def multiplies_with_numpy(_: Room) -> float:
    return float(np.dot(np.ones((300, 300)), np.ones((300, 300))).sum())
