"""ASGI middlewares around every request: its id, its line in the logs, unexpected errors, safe headers."""

import logging
import re
import secrets
import time
from collections.abc import Collection, Mapping, Sequence

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from analytics_pipelines.http_kit.access_log import AccessLog, Answered
from analytics_pipelines.http_kit.problems import answer_of, unexpected

RawHeader = tuple[bytes, bytes]
REQUEST_ID = b"x-request-id"
REQUEST_ID_BYTES = 16
WELL_FORMED = re.compile(rb"[A-Za-z0-9._:-]{8,128}")
SAFE_HEADERS: tuple[RawHeader, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    # Answers that may be kept say so themselves.
    (b"cache-control", b"private, no-store"),
)
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
        given = next((value for name, value in scope["headers"] if name == REQUEST_ID), b"")
        request_id = given.decode() if WELL_FORMED.fullmatch(given) else secrets.token_hex(REQUEST_ID_BYTES)
        tokens = bind_contextvars(request_id=request_id)
        try:
            await self.app(scope, receive, with_headers(send, ((REQUEST_ID, request_id.encode()),)))
        finally:
            reset_contextvars(**tokens)


class SafeHeaders:
    """Adds headers that keep browsers from guessing types, framing pages and keeping answers; a route's own win."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, with_headers(send, SAFE_HEADERS))


class BodyLimit:
    """Stops reading a body past `most_bytes`; FastAPI reads it whole before it asks who is calling.

    `larger` has the limits of paths that take more, exact ones: uploads, which are read only once the caller is known.
    """

    def __init__(
        self, app: ASGIApp, most_bytes: int = MOST_BODY_BYTES, larger: Mapping[str, int] | None = None
    ) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; who reads too much of it gets 413."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most_bytes = self.larger.get(scope["path"], self.most_bytes)
        received = 0

        async def receive_some() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most_bytes:
                raise HTTPException(413, f"The body is too large. Limit: {most_bytes} bytes.")
            return message

        await self.app(scope, receive_some, send)


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
    """Logs a line a request, and writes it to the access log where there is one.

    Lines are of level INFO, those of `quiet_paths` of DEBUG; a line below `level` is not even put together.
    """

    def __init__(
        self,
        app: ASGIApp,
        access_log: AccessLog | None = None,
        *,
        level: str = "INFO",
        quiet_paths: Collection[str] = (),
    ) -> None:
        self.app = app
        self.access_log = access_log
        least = logging.getLevelNamesMapping()[level]
        self.is_told = least <= logging.INFO
        self.is_quiet_told = least <= logging.DEBUG
        self.quiet_paths = frozenset(quiet_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the answer's bytes and time, and log once it is over."""
        is_quiet = scope["type"] == "http" and scope["path"] in self.quiet_paths
        is_told = self.is_quiet_told if is_quiet else self.is_told
        if scope["type"] != "http" or not (is_told or self.access_log):
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
            if is_told:
                tell = log.debug if is_quiet else log.info
                tell("request", duration_ms=round((time.perf_counter() - started_s) * 1000, 1), **answered.summary())
            if self.access_log is not None:
                self.access_log.write(answered)


def with_headers(send: Send, headers: Sequence[RawHeader]) -> Send:
    """A `send` that adds headers which the answer does not have; names are in small letters."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = message.get("headers", ())
            names = {name for name, _ in present}
            message["headers"] = [*present, *(header for header in headers if header[0] not in names)]
        await send(message)

    return send_with_headers
