"""A real broker over a small generation, and asks over its socket as the API sends them."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson
import psutil

from analytics_pipelines.foundation.settings import Settings, child_environment
from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.broker.frames import FrameReader
from analytics_pipelines.sql_service.messages import Ask, Does, Format, Kind, Statement, frame_of
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines_tests.waiting import wait_until

ANN = Caller("ann", Rights.ANALYST)
BEN = Caller("ben", Rights.ANALYST)
ADA = Caller("ada", Rights.ADMIN)
LONG = "SELECT sum(a.range * b.range) FROM range(60000) a, range(60000) b"
"""Minutes of work."""
WAIT_S = 60.0


@dataclass
class Answer:
    """What came over one connection; `error` and `end` are None where they did not come."""

    head: dict | None = None
    content: bytes = b""
    end: dict | None = None
    error: dict | None = None
    kinds: list[Kind] = field(default_factory=list)

    @property
    def rows(self):
        return orjson.loads(b"{" + self.content + b"}")["data"]


def query(sql, *parameters, caller=ANN, **more) -> Ask:
    return Ask(
        does=more.pop("does", Does.QUERY),
        caller=caller,
        statements=(Statement(sql, list(parameters) or None),),
        **{"format": Format.JSON, **more},
    )


def control(does, caller=ADA, **more) -> Ask:
    return Ask(does=does, caller=caller, **more)


def connected(settings: Settings, ask: Ask) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(WAIT_S)
    try:
        with Places.of(settings.home).short_path() as path:
            connection.connect(path)
        connection.sendall(frame_of(Kind.ASK, ask))
    except OSError:
        connection.close()
        raise
    return connection


def answer_of(connection: socket.socket) -> Answer:
    answer, reader = Answer(), FrameReader()
    with connection:
        while content := connection.recv(2**16):
            for kind, whole in reader.feed(content):
                _take(answer, kind, whole)
    return answer


def _take(answer: Answer, kind: Kind, whole: bytes) -> None:
    answer.kinds.append(kind)
    if kind is Kind.DATA:
        answer.content += whole
    elif kind is Kind.HEAD:
        answer.head = orjson.loads(whole)
    elif kind is Kind.END:
        answer.end = orjson.loads(whole)
    elif kind is Kind.ERROR:
        answer.error = orjson.loads(whole)


def asked(settings: Settings, ask: Ask) -> Answer:
    return answer_of(connected(settings, ask))


def health(settings: Settings) -> dict:
    return asked(settings, control(Does.HEALTH)).end


def worker_pids(settings: Settings) -> list[int]:
    statistics = asked(settings, control(Does.STATISTICS)).end
    return [each["pid"] for each in statistics["system"]["worker_memory_mb"] if each["pid"]]


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


@contextmanager
def running_broker(settings: Settings, *, ready: bool = True) -> Iterator[subprocess.Popen]:
    """A broker of these settings, by default once all its workers are at rest."""
    command = [sys.executable, "-m", "analytics_pipelines.sql_service.broker"]
    log = settings.home.logs
    log.mkdir(parents=True, exist_ok=True)
    with (log / "sql.log").open("wb") as output:
        process = subprocess.Popen(command, env=child_environment(settings), stdout=output, stderr=output)
    try:
        wait_until(lambda: _listens(settings) or process.poll() is not None, seconds=WAIT_S)
        assert process.poll() is None, (log / "sql.log").read_text()
        if ready:
            wait_until(lambda: _is_ready(settings), seconds=WAIT_S)
        yield process
    finally:
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.terminate()
        process.wait(20)
        assert psutil.wait_procs(family, timeout=10)[1] == []


def _listens(settings: Settings) -> bool:
    try:
        health(settings)
    except OSError:
        return False
    return True


def _is_ready(settings: Settings) -> bool:
    pool = health(settings)["connection_pool"]
    return pool["total_connections"] == pool["max_connections"]
