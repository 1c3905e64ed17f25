"""Answers from a generation: its id is their ETag, and a client that has it already gets 304."""

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics_pipelines.http_kit.wiring import wiring_of

STATE_KEY = "generation_id"
SAFE_METHODS = frozenset({"GET", "HEAD"})
SUCCESSES = range(200, 300)


class NotModified(Exception):
    """The client holds the answer of this generation; becomes 304 with its ETag."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__("not modified")
        self.headers = headers


def answered_from(request: Request, generation_id: str) -> None:
    """Note the generation for the answer's headers; raises `NotModified` when the client has its answer."""
    setattr(request.state, STATE_KEY, generation_id)
    etag = etag_of(generation_id)
    if request.method in SAFE_METHODS and is_known(request.headers.get("if-none-match", ""), etag):
        raise NotModified(headers_for(request, generation_id))


def etag_of(generation_id: str) -> str:
    """A strong entity tag."""
    return '"' + generation_id + '"'


def is_known(if_none_match: str, etag: str) -> bool:
    """Whether the header names the tag, compared weakly as RFC 9110 asks."""
    given = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return etag in given or given == ["*"]


def headers_for(request: Request, generation_id: str) -> dict[str, str]:
    """ETag and Cache-Control; shared caches may keep only what anybody may read."""
    is_private = "authorization" in request.headers or wiring_of(request).settings.reads_need_auth
    return {
        "etag": etag_of(generation_id),
        "cache-control": ("private" if is_private else "public") + ", no-cache",
        "vary": "Accept, Authorization",
    }


class GenerationHeaders:
    """ASGI middleware: puts the noted generation's headers on successful answers, however they were made."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers when the answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in SUCCESSES and STATE_KEY in state:
                headers = MutableHeaders(scope=message)
                for name, value in headers_for(Request(scope), state[STATE_KEY]).items():
                    if name == "vary":
                        headers.add_vary_header(value)
                    else:
                        headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
