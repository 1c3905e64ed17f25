"""A worker as the broker has it: a child of a real zygote, a control socket, a connection for each job."""

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines.foundation.workers.parent import Parent
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.messages import (
    HEADER,
    Ask,
    Does,
    Done,
    Format,
    Job,
    Kind,
    Parameters,
    Setup,
    Statement,
    StopReason,
    done_of,
    frame_of,
)
from analytics_pipelines.sql_service.worker.preloaded import PRELOADED, SERVE

WAIT_S = 30.0
"""A generous bound on what happens at once."""
DAY = date(2026, 11, 20)
MEMORY_BYTES = 2**28
COLUMNS = (
    Column(name="visit_id", type=Type.INT, meaning="Number of the visit"),
    Column(name="visited_date", type=Type.DATE, meaning="Day of the visit"),
    Column(name="page", type=Type.TEXT, meaning="What was looked at"),
    Column(name="email", type=Type.TEXT, meaning="Who came", is_personal=True),
)


def table_named(name: str, *, native: bool) -> Table:
    """A table with one column that tells of persons."""
    return Table(
        name=name,
        room="shop",
        grain="one visit",
        partition="day of the visit",
        key=("visit_id",),
        columns=COLUMNS,
        is_native=native,
    )


VISITS = table_named("core_shop__visits", native=True)
RAW_VISITS = table_named("raw_shop__visits", native=False)
ROWS = 1000
LONG = "SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range + b.range = 7"
"""A query that takes minutes."""


def publish(settings: Settings, lake: Lake) -> Path:
    """The folder of a generation with two tables of a thousand rows, a native one and one in Parquet."""
    numbers = range(ROWS)
    rows = pa.table(
        {
            "visit_id": list(numbers),
            "visited_date": [DAY] * ROWS,
            "page": ["/page/" + str(number % 10) for number in numbers],
            "email": [str(number) + "@example.org" for number in numbers],
        }
    )
    for table in (VISITS, RAW_VISITS):
        lake.replace(table, DAY, Select(Sql("SELECT * FROM given"), reads={"given": ArrowRows(rows)}))
    return build_generation(settings, lake, (VISITS, RAW_VISITS), hot=()).folder


def setup_for(generation: Path, spill: Path, **given: Any) -> Setup:
    """A set-up with small limits."""
    spill.mkdir(parents=True, exist_ok=True)
    return replace(
        Setup(
            generation_folder=str(generation),
            spill_folder=str(spill),
            memory_bytes=MEMORY_BYTES,
            threads=2,
            most_spilled_bytes=2**28,
        ),
        **given,
    )


def received_exactly(end: socket.socket, length: int) -> bytes:
    """So many bytes; fewer where the other side is gone."""
    content = bytearray(length)
    room, got = memoryview(content), 0
    while got < length and (some := end.recv_into(room[got:])):
        got += some
    return bytes(room[:got])


def next_frame(end: socket.socket) -> tuple[Kind, bytes] | None:
    """The next frame; None at the end."""
    end.settimeout(WAIT_S)
    head = received_exactly(end, HEADER.size)
    if len(head) < HEADER.size:
        return None
    kind, length = HEADER.unpack(head)
    content = received_exactly(end, length)
    return (Kind(kind), content) if len(content) == length else None


@dataclass
class Answered:
    """What the client got."""

    head: dict[str, Any] | None = None
    parts: list[bytes] = field(default_factory=list)
    end: dict[str, Any] | None = None
    error: dict[str, Any] | None = None

    @property
    def data(self) -> bytes:
        """All parts together."""
        return b"".join(self.parts)

    @property
    def members(self) -> dict[str, Any]:
        """A JSON answer as the API completes it."""
        return orjson.loads(b"{" + self.data + b"}")

    @property
    def rows(self) -> list[list[Any]]:
        """Of a JSON answer."""
        return self.members["data"]

    def take(self, kind: Kind, content: bytes) -> bool:
        """Note a frame; whether it was the last one."""
        if kind is Kind.DATA:
            self.parts.append(content)
        elif kind is Kind.HEAD:
            self.head = orjson.loads(content)
        elif kind is Kind.END:
            self.end = orjson.loads(content)
        elif kind is Kind.ERROR:
            self.error = orjson.loads(content)
        return kind in {Kind.END, Kind.ERROR}


@dataclass
class Outcome:
    """What the client and the broker got of one job."""

    answered: Answered
    done: Done
    has_begun: bool = False
    kept: bytes = b""

    @property
    def rows(self) -> list[list[Any]]:
        """Of a JSON answer; fails with the error where there is one."""
        assert self.answered.error is None, self.answered.error
        return self.answered.rows

    @property
    def error(self) -> dict[str, Any]:
        """What the client was told instead of an answer."""
        assert self.answered.error is not None, (self.answered, self.done)
        return self.answered.error


@dataclass
class AtWork:
    """A worker that is ready."""

    control: socket.socket
    ready: dict[str, Any]
    numbers: Iterator[int] = field(default_factory=count)

    def begin(self, job: Job) -> socket.socket:
        """Hand over a job; the client's end of its connection."""
        client, theirs = socket.socketpair()
        with theirs:
            content = frame_of(Kind.JOB, job)
            sent = socket.send_fds(self.control, [content], [theirs.fileno()])
            self.control.sendall(content[sent:])
        return client

    def stop(self, query_id: str, reason: StopReason) -> None:
        """Have a job ended."""
        self.control.sendall(frame_of(Kind.STOP, {"query_id": query_id, "reason": reason}))

    def told(self, outcome: Outcome) -> None:
        """Take what the worker tells the broker, up to its DONE."""
        while True:
            found = next_frame(self.control)
            assert found is not None, "the worker died"
            kind, content = found
            if kind is Kind.BEGAN:
                outcome.has_begun = True
            elif kind is Kind.KEEP:
                outcome.kept += content
            else:
                assert kind is Kind.DONE
                outcome.done = done_of(content)
                return

    def finish(self, client: socket.socket) -> Outcome:
        """Read an answer to its end, or to that of its connection, then what the broker is told."""
        answered = Answered()
        with client:
            while (found := next_frame(client)) is not None and not answered.take(*found):
                pass
        outcome = Outcome(answered, Done(query_id=""))
        self.told(outcome)
        return outcome

    def job(self, *sql: str, **given: Any) -> Job:
        """A job of these statements."""
        chosen: dict[str, Any] = {
            "query_id": "q" + str(next(self.numbers)),
            "does": Does.QUERY,
            "rights": Rights.ANALYST,
            "statements": tuple(Statement(each) for each in sql),
            "format": Format.JSON,
            "row_limit": 100_000,
            "keeps_answer": False,
        }
        return Job(**{**chosen, **given})

    def ask(self, *sql: str, parameters: Parameters | None = None, **given: Any) -> Outcome:
        """Have statements answered."""
        statements = tuple(Statement(each, parameters) for each in sql)
        return self.finish(self.begin(self.job(statements=statements, **given)))


@dataclass
class SessionAtWork:
    """A session that is open."""

    worker: AtWork
    client: socket.socket

    @classmethod
    @contextmanager
    def open(cls, worker: AtWork, **given: Any) -> Iterator["SessionAtWork"]:
        """A session, ended with the body."""
        client = worker.begin(worker.job(does=Does.SESSION, **given))
        found = next_frame(client)
        assert found is not None
        assert found[0] is Kind.END
        with client:
            yield cls(worker, client)

    def ask(self, sql: str, parameters: Parameters | None = None, **given: Any) -> Answered:
        """Have a statement answered."""
        caller = Caller("somebody", Rights.ANALYST)
        ask = Ask(does=Does.QUERY, caller=caller, statements=(Statement(sql, parameters),), **given)
        self.client.sendall(frame_of(Kind.ASK, ask))
        answered = Answered()
        while (found := next_frame(self.client)) is not None and not answered.take(*found):
            pass
        return answered


@contextmanager
def zygote() -> Iterator[Parent]:
    """The process that forks workers."""
    parent = Parent(PRELOADED, serve=SERVE)
    try:
        yield parent
    finally:
        parent.end()


@contextmanager
def at_work(parent: Parent, setup: Setup) -> Iterator[AtWork]:
    """A worker that is ready; ended with the body."""
    child = parent.child()
    try:
        child.end.sendall(frame_of(Kind.SETUP, setup))
        found = next_frame(child.end)
        assert found is not None, "the worker died before it was ready"
        kind, content = found
        assert kind is Kind.READY, content
        ready = orjson.loads(content)
        child.pid = ready["pid"]
        yield AtWork(child.end, ready)
    finally:
        child.kill()


def is_readable(end: socket.socket, wait_ms: int = 0) -> bool:
    """Whether something has come."""
    poll = select.poll()
    poll.register(end, select.POLLIN)
    return bool(poll.poll(wait_ms))
