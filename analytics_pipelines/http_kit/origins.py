"""Which browser origins may read answers (CORS): the allow-list, and any origin where pages of others post events."""

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = ("GET", "POST", "DELETE", "OPTIONS")
HEADERS = ("Content-Type", "Authorization")
EXPOSED = ("ETag", "X-Request-ID")
ANY = "*"


class Origins:
    """Middleware: `public_paths` answer every origin without credentials, all others the allowed ones with them."""

    def __init__(self, app: ASGIApp, *, allowed: Collection[str], public_paths: Collection[str]) -> None:
        self._public_paths = frozenset(public_paths)
        self._public = CORSMiddleware(app, allow_origins=[ANY], allow_methods=["POST", "GET"], allow_headers=[ANY])
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
        is_public = scope["type"] == "http" and scope["path"] in self._public_paths
        await (self._public if is_public else self._listed)(scope, receive, send)
