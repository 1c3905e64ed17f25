"""ASGI middlewares around every request: its id, its line in the logs, unexpected errors, safe headers."""

import re
import time
from collections.abc import Iterable
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics_pipelines.foundation.logs import bound
from analytics_pipelines.http_kit.access_log import AccessLog, Answered
from analytics_pipelines.http_kit.problems import answer_of, unexpected

REQUEST_ID = "x-request-id"
WELL_FORMED = re.compile(r"[A-Za-z0-9._:-]{8,128}")
SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "content-security-policy": "frame-ancestors 'none'",
    # Answers that may be kept say so themselves.
    "cache-control": "private, no-store",
}
MOST_BODY_BYTES = 2**20

log = structlog.get_logger(__name__)


class RequestIds:
    """Gives each request an id, the client's own when it is well-formed, and returns it in `X-Request-ID`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Bind the id for the logs and add it to the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if WELL_FORMED.fullmatch(given) else uuid4().hex
        with bound(request_id=request_id):
            await self.app(scope, receive, with_headers(send, {REQUEST_ID: request_id}.items()))


class SafeHeaders:
    """Adds headers that keep browsers from guessing types, framing pages and keeping answers; a route's own win."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, with_headers(send, SAFE_HEADERS.items()))


class BodyLimit:
    """Stops reading a body past `most_bytes`; FastAPI reads it whole before it asks who is calling."""

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BODY_BYTES) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; who reads too much of it gets 413."""
        received = 0

        async def receive_some() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.most_bytes:
                raise HTTPException(413, f"The body is too large. Limit: {self.most_bytes} bytes.")
            return message

        await self.app(scope, receive_some if scope["type"] == "http" else receive, send)


class UnexpectedErrors:
    """Logs what nobody expected, with its traceback, and answers 500 without telling its cause."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a problem unless the answer has begun already; then only the connection can be cut."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception:
            log.exception("unexpected error", method=scope["method"], path=scope["path"])
            if has_begun:
                raise
            await answer_of(scope, unexpected(scope["path"]))(scope, receive, send)


class AccessLines:
    """Logs a line a request, and writes it to the access log where there is one."""

    def __init__(self, app: ASGIApp, access_log: AccessLog | None = None) -> None:
        self.app = app
        self.access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the answer's bytes and time, and log once it is over."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answered = Answered(scope)
        started_s = time.perf_counter()

        async def send_and_count(message: Message) -> None:
            answered.note(message)
            await send(message)

        try:
            await self.app(scope, receive, send_and_count)
        finally:
            duration_ms = round((time.perf_counter() - started_s) * 1000, 1)
            log.info("request", duration_ms=duration_ms, **answered.summary())
            if self.access_log is not None:
                self.access_log.write(answered)


def with_headers(send: Send, headers: Iterable[tuple[str, str]]) -> Send:
    """A `send` that adds headers which the answer does not have."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = MutableHeaders(scope=message)
            for name, value in headers:
                present.setdefault(name, value)
        await send(message)

    return send_with_headers
