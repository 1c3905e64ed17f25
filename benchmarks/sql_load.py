"""A load on the SQL service: `python -m benchmarks.sql_load '{"port": 8000, "token": "…", "sql": "…"}'`.

Each client has one connection and one query in flight. With a pace a query is due at fixed times, whether the one
before it is answered or not: its latency counts from when it was due, so that waiting behind a slow one is not left
out. Without a pace each client asks again at once. It is a process of its own and prints one JSON object.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import count, repeat
from typing import Any

import uvloop

from benchmarks.sql_wire import OK, Connection, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked, by how many, how often."""

    port: int
    token: str
    sql: str
    clients: int = 8
    per_second: float = 0.0
    """Of each client; 0: as fast as it is answered."""
    seconds: float = 8.0
    warm_up_s: float = 1.0
    first: int | None = None
    """The one parameter of the first query, one more in each after it; None: the same `same` in all."""
    same: int = 0

    def parameters(self) -> Iterator[int]:
        """The parameter of each query."""
        return repeat(self.same) if self.first is None else count(self.first)


@dataclass(slots=True)
class Found:
    """What was answered in the time measured."""

    answered: int = 0
    failed: int = 0
    per_second: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    most_ms: float = 0.0
    engine_p50_ms: float = 0.0
    """As the answers tell it, which is without HTTP, queue and sending."""


@dataclass(slots=True)
class Tally:
    """Latencies and times in the engine, shared by the clients."""

    measured_from: float
    ends_at: float
    latencies_s: list[float] = field(default_factory=list)
    engine_s: list[float] = field(default_factory=list)
    failed: int = 0

    def take(self, reply: Reply, due_at: float, at: float) -> None:
        """Count an answer; latencies after the warm-up."""
        if reply.status != OK:
            self.failed += 1
        elif due_at >= self.measured_from:
            self.latencies_s.append(at - due_at)
            self.engine_s.append(json.loads(reply.body)["execution_time"])


def driven(load: Load) -> Found:
    """Drive it in a process of its own."""
    command = (sys.executable, "-m", "benchmarks.sql_load", json.dumps(asdict(load)))
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Found(**json.loads(told))


async def drive(load: Load) -> Found:
    """Drive it here."""
    started = time.perf_counter()
    tally = Tally(started + load.warm_up_s, started + load.warm_up_s + load.seconds)
    parameters = load.parameters()
    await asyncio.gather(*(_client(load, number, tally, parameters, started) for number in range(load.clients)))
    return Found(
        answered=len(tally.latencies_s),
        failed=tally.failed,
        per_second=len(tally.latencies_s) / load.seconds,
        p50_ms=at_part(tally.latencies_s, 0.5) * 1000,
        p99_ms=at_part(tally.latencies_s, 0.99) * 1000,
        most_ms=at_part(tally.latencies_s, 1.0) * 1000,
        engine_p50_ms=at_part(tally.engine_s, 0.5) * 1000,
    )


def at_part(values: list[float], part: float) -> float:
    """The value that this part of all do not exceed; 0 of none."""
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


async def _client(load: Load, number: int, tally: Tally, parameters: Iterator[int], started: float) -> None:
    connection = await Connection.to(load.port, load.token)
    for turn in count():
        due_at = await _due(load, started, number, turn)
        if due_at > tally.ends_at:
            break
        reply = await connection.post(_body(load.sql, next(parameters)))
        tally.take(reply, due_at, time.perf_counter())
    connection.close()


async def _due(load: Load, started: float, number: int, turn: int) -> float:
    """When the query counts as asked: on time, or now where the clock of this process alone is late."""
    at = time.perf_counter()
    if not load.per_second:
        return at
    due_at = started + (turn + number / load.clients) / load.per_second
    if due_at <= at:
        return due_at
    await asyncio.sleep(due_at - at)
    return time.perf_counter()


def _body(sql: str, parameter: int) -> dict[str, Any]:
    return {"query": sql, "params": [parameter]}


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(drive(Load(**json.loads(sys.argv[1])))))))
