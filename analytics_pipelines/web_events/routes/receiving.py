"""What all collecting routes share: reading a body, who sent it, handing its events in, answering in few steps."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope

from analytics_pipelines.http_kit.origins import note_origin
from analytics_pipelines.http_kit.wiring import wiring_of
from analytics_pipelines.web_events.event import Rejected, Sender
from analytics_pipelines.web_events.intake.bodies import MOST_BODY_BYTES, decoded, too_large
from analytics_pipelines.web_events.intake.judge import Arrival, Verdict, judge, read_events, turned_away
from analytics_pipelines.web_events.intake.read_event import Given
from analytics_pipelines.web_events.intake.receipts import Outcome, Refusal, Taken
from analytics_pipelines.web_events.intake.rulebook import ANY, SiteRules
from analytics_pipelines.web_events.routes.parts import DIRECTORY, INTAKE

MOST_AGENT_CHARACTERS = 1_000
MOST_AT_ONCE_BYTES = 128 * 1024
"""Larger bodies are read beside the event loop, since others wait meanwhile."""
RETRY_AFTER = (b"retry-after", b"5")
JSON_TYPE = (b"content-type", b"application/json")
T = TypeVar("T")
Headers = Mapping[bytes, bytes]
RawHeader = tuple[bytes, bytes]


class CutBody(Rejected):
    """More was sent than is read; `body` is what was read of it."""

    def __init__(self, body: bytes) -> None:
        whole = too_large()
        super().__init__(whole.reason, whole.detail, limit=whole.limit)
        self.body = body


class Prepared(Response):
    """An answer whose headers are bytes already."""

    def __init__(self, body: bytes, status: int, *headers: RawHeader) -> None:
        self.body = body
        self.status_code = status
        self.background = None
        self.raw_headers = [(b"content-length", b"%d" % len(body)), *headers]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one event."""

    verdict: Verdict
    taken: Taken

    @property
    def detail(self) -> str | None:
        """Why it was rejected, in words."""
        return self.taken.detail or (self.verdict.detail if isinstance(self.verdict, Refusal) else None)

    @property
    def reason(self) -> str | None:
        """Why it was rejected, for programs."""
        return self.taken.reason or (self.verdict.reason if isinstance(self.verdict, Refusal) else None)

    @property
    def is_rejected(self) -> bool:
        """Whether it was kept among the rejects and not as an event."""
        return self.taken.outcome is Outcome.REJECTED


def json_answer(content: Mapping[str, Any], status: int, *headers: RawHeader) -> Response:
    """The content as JSON."""
    return Prepared(orjson.dumps(content), status, JSON_TYPE, *headers)


def arrival_of(request: Request, headers: Headers, source: str) -> Arrival:
    """How the request came, at this moment."""
    client = request.scope.get("client")
    agent = headers.get(b"user-agent", b"").decode("latin-1")[:MOST_AGENT_CHARACTERS].replace("\x00", "")
    origin = headers.get(b"origin")
    return Arrival(
        source=source,
        received_at=wiring_of(request).clock(),
        sender=Sender(_plain(client[0]) if client else None, agent or None),
        origin=origin.decode("latin-1") if origin else None,
        opts_out=headers.get(b"sec-gpc") == b"1" or headers.get(b"dnt") == b"1",
    )


async def body_of(request: Request, headers: Headers) -> bytes:
    """The body as it was before compression. Raises `Rejected`, `CutBody`, `ClientDisconnect`."""
    body = await _received(request.receive)
    encoding = headers.get(b"content-encoding")
    return decoded(body, encoding.decode("latin-1")) if encoding else body


async def aside(size_bytes: int, work: Callable[..., T], *given: object) -> T:
    """What the work on a body of that size gives, or raises."""
    return await asyncio.to_thread(work, *given) if size_bytes > MOST_AT_ONCE_BYTES else work(*given)


async def hand_in(request: Request, events: Sequence[Given], arrival: Arrival, size_bytes: int = 0) -> list[Told]:
    """Judge the events and make them durable; one outcome each, in order. Raises `Unavailable`."""
    intake, directory = await INTAKE.of(request), await DIRECTORY.of(request)
    sites = directory.book.sites
    named = await aside(size_bytes, read_events, events, arrival)
    if unknown := [name for name in named if name not in sites]:
        await directory.learn(unknown)
    verdicts = await aside(size_bytes, judge, events, arrival, directory.book)
    if arrival.origin is not None:
        note_origin(request.scope, _allowed(arrival.origin, verdicts, directory.book.sites))
    taken = await intake.take(verdicts)
    return [Told(*pair) for pair in zip(verdicts, taken, strict=True)]


async def keep_body(request: Request, rejected: Rejected, body: bytes, arrival: Arrival) -> None:
    """Make a body durable that could not be read as events. Raises `Unavailable`."""
    kept = rejected.body if isinstance(rejected, CutBody) else body
    intake = await INTAKE.of(request)
    await intake.take([turned_away(rejected, kept, arrival)])


def shown(at: datetime) -> str:
    """A time of ours for clients, e.g. `2025-06-22T12:00:00.123Z`."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def allowed_somewhere(scope: Scope, origin: str) -> str | None:
    """How CORS is answered where no event tells the site: what any site allows."""
    directory = DIRECTORY.at(scope["app"])
    return directory.book.allowed_somewhere(origin) if directory else ANY


async def _received(receive: Receive) -> bytes:
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) <= MOST_BODY_BYTES:
            return body
    pieces = bytearray()
    while message["type"] == "http.request":
        pieces += message.get("body", b"")
        if len(pieces) > MOST_BODY_BYTES:
            raise CutBody(bytes(pieces[:MOST_BODY_BYTES]))
        if not message.get("more_body"):
            return bytes(pieces)
        message = await receive()
    raise ClientDisconnect


def _allowed(origin: str, verdicts: Sequence[Verdict], sites: Mapping[str, SiteRules]) -> str | None:
    """How CORS is answered for these events: readable where the site of one of them allows the origin."""
    known = [sites[each.site_id] for each in verdicts if each.site_id is not None and each.site_id in sites]
    if not known or any(ANY in site.allowed_origins for site in known):
        return ANY
    return origin if any(site.allows(origin) for site in known) else None


def _plain(address: str) -> str:
    """IPv4 addresses of a socket that listens to both kinds, as IPv4."""
    return address.removeprefix("::ffff:") if address.startswith("::ffff:") and "." in address else address
