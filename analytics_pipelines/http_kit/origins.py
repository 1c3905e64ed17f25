"""Which browser origins may read answers (CORS): the allow-list, and what a room says of the paths that it opens."""

from collections.abc import Callable, Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "POST", "DELETE", "OPTIONS")
HEADERS = ("Content-Type", "Authorization")
EXPOSED = (
    "ETag",
    "X-Request-ID",
    "Retry-After",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "RateLimit-Policy",
)
ANY = "*"
STATE_KEY = "allowed_origin"
PUBLIC_METHODS = "GET, POST"
KEEP_PREFLIGHT_S = "600"
MayRead = Callable[[Scope, str], str | None]
"""What a public path answers to an origin: the origin, `*`, or None where its pages may read nothing."""


def anybody(_: Scope, __: str) -> str:
    """Every origin may read."""
    return ANY


def note_origin(scope: Scope, allowed: str | None) -> None:
    """Say for this request which origin may read its answer, in place of what the path says in general."""
    scope["state"][STATE_KEY] = allowed


class Origins:
    """Middleware: `public_paths` answer without credentials as `public` says, all others the allowed ones with them."""

    def __init__(
        self, app: ASGIApp, *, allowed: Collection[str], public_paths: Collection[str], public: MayRead = anybody
    ) -> None:
        self._app = app
        self._public_paths = frozenset(public_paths)
        self._public = public
        self._listed = CORSMiddleware(
            app,
            allow_origins=list(allowed),
            allow_credentials=ANY not in allowed,  # any origin with credentials would be everybody acting as the user
            allow_methods=list(METHODS),
            allow_headers=list(HEADERS),
            expose_headers=list(EXPOSED),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose by path; this authorises nobody, it only tells browsers who may read."""
        if scope["type"] != "http" or scope["path"] not in self._public_paths:
            await self._listed(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        if origin is None:
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            asked = headers.get(b"access-control-request-headers", b"").decode("latin-1")
            await self._preflight(scope, origin.decode("latin-1"), asked)(scope, receive, send)
        else:
            await self._app(scope, receive, self._with_origin(scope, origin.decode("latin-1"), send))

    def _preflight(self, scope: Scope, origin: str, asked: str) -> Response:
        allowed = self._public(scope, origin)
        if allowed is None:
            return PlainTextResponse("Disallowed CORS origin", 400, {"vary": "Origin"})
        headers = {
            "access-control-allow-origin": allowed,
            "access-control-allow-methods": PUBLIC_METHODS,
            "access-control-max-age": KEEP_PREFLIGHT_S,
            "vary": "Origin",
        }
        return PlainTextResponse("OK", 200, headers | ({"access-control-allow-headers": asked} if asked else {}))

    def _with_origin(self, scope: Scope, origin: str, send: Send) -> Send:
        state = scope.setdefault("state", {})

        async def send_with_origin(message: Message) -> None:
            if message["type"] == "http.response.start":
                allowed = state[STATE_KEY] if STATE_KEY in state else self._public(scope, origin)
                ours = [(b"vary", b"Origin")] if allowed != ANY else []
                if allowed is not None:
                    ours.append((b"access-control-allow-origin", allowed.encode("latin-1")))
                message["headers"] = [*message.get("headers", ()), *ours]
            await send(message)

        return send_with_origin
