"""A load on the API: `python -m benchmarks.load PORT --seconds 8 --connections 64`.

Single events on `POST /collect`, or with `--paths FILE` GET requests of the file's lines in turn. Plain HTTP/1.1 over
kept connections, one request in flight on each; prints one JSON object. It is a process of its own and does as little
as it can, since it shares the machine with what it measures.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import cast

import uvloop

HOST = "127.0.0.1"
WARM_UP_S = 2.0
HEAD = (
    "POST /collect HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0\r\nContent-Length: "
)
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


@dataclass(slots=True)
class Load:
    """What was answered in the time measured; latencies are in milliseconds."""

    seconds: float = 0.0
    acknowledged: int = 0
    """Answered 200 from the first request on, the warm-up's too."""
    measured: int = 0
    failed: int = 0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0

    @property
    def per_second(self) -> float:
        """Requests answered a second while it was measured."""
        return self.measured / self.seconds


@dataclass(slots=True)
class Tally:
    """Latencies and answers, shared by the connections."""

    requests: Iterator[bytes]
    measured_from: float
    ends_at: float
    latencies_s: list[float] = field(default_factory=list)
    acknowledged: int = 0
    failed: int = 0


class Sender(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, tally: Tally, done: "asyncio.Future[None]") -> None:
        self.tally = tally
        self.done = done
        self.received = b""
        self.sent_at = 0.0
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self.transport = cast("asyncio.WriteTransport", transport)  # uvloop's is not registered as one
        self.ask()

    def data_received(self, data: bytes) -> None:
        """Count the answer once it is whole."""
        self.received += data
        head, found, body = self.received.partition(HEAD_END)
        if not found or len(body) < length_of(head):
            return
        at = time.perf_counter()
        self.count_answer(at, is_success=head.startswith(b"HTTP/1.1 200"))
        self.received = b""
        self.ask()

    def count_answer(self, at: float, *, is_success: bool) -> None:
        """Acknowledged ones count always, latencies after the warm-up."""
        tally = self.tally
        tally.acknowledged += is_success
        tally.failed += not is_success
        if is_success and tally.measured_from <= self.sent_at and at <= tally.ends_at:
            tally.latencies_s.append(at - self.sent_at)

    def ask(self) -> None:
        """Send the next request, or close when the time is over."""
        assert self.transport is not None  # noqa: S101 - set when the connection was made
        self.sent_at = time.perf_counter()
        if self.sent_at > self.tally.ends_at:
            self.transport.close()
            return
        self.transport.write(next(self.tally.requests))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio calls it so
        """End, by our will or the server's."""
        if not self.done.done():
            self.done.set_result(None)


def events(prefix: str) -> Iterator[bytes]:
    """Page views without end, each with an id of its own."""
    return (event(prefix, number) for number in count())


def questions(file: Path) -> Iterator[bytes]:
    """GET requests of the file's lines, over and over."""
    lines = file.read_text(encoding="ascii").splitlines()
    return cycle([f"GET {line} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode() for line in lines])


def event(prefix: str, number: int) -> bytes:
    """A page view with an id, a visitor and a page of its own."""
    body = (
        f'{{"eventId":"{prefix}-{number}","eventType":"pageview","siteId":"bench",'
        f'"visitorId":"visitor-{number % 5000}","url":"https://example.org/page/{number % 300}?a=1",'
        '"referrer":"https://news.example.net/","title":"A page",'
        '"timestamp":"2026-11-21T09:30:00Z","properties":{"plan":"free","width":1440}}'
    )
    return (HEAD + str(len(body)) + "\r\n\r\n" + body).encode()


def length_of(head: bytes) -> int:
    """The body's length by its header."""
    at = head.lower().index(LENGTH) + len(LENGTH)
    return int(head[at : head.find(b"\r", at) if b"\r" in head[at:] else len(head)])


async def drive(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Load:
    """Drive the load for that long after a warm-up."""
    started = time.perf_counter()
    tally = Tally(requests, measured_from=started + WARM_UP_S, ends_at=started + WARM_UP_S + seconds)
    loop = asyncio.get_running_loop()
    ended: list[asyncio.Future[None]] = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        ended.append(done)
        await loop.create_connection(partial(Sender, tally, done), HOST, port)
    await asyncio.gather(*ended)
    ordered = sorted(tally.latencies_s) or [0.0]
    return Load(
        seconds=seconds,
        acknowledged=tally.acknowledged,
        measured=len(tally.latencies_s),
        failed=tally.failed,
        p50_ms=ordered[len(ordered) // 2] * 1000,
        p95_ms=ordered[int(len(ordered) * 0.95)] * 1000,
        p99_ms=ordered[int(len(ordered) * 0.99)] * 1000,
    )


def main() -> None:
    """Drive the load that the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--prefix", default="event")
    parser.add_argument("--paths", type=Path, default=None)
    given = parser.parse_args()
    requests = questions(given.paths) if given.paths else events(given.prefix)
    driven = drive(given.port, requests, connections=given.connections, seconds=given.seconds)
    print(json.dumps(asdict(uvloop.run(driven))))


if __name__ == "__main__":
    main()
