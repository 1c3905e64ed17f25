"""HEAD wherever GET is answered: the same status and headers, no body (RFC 9110, section 9.3.2)."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """ASGI middleware, the innermost: lets the route for GET answer HEAD, and drops the body.

    Not for `except_paths`, whose GET changes something, as HEAD never may.
    """

    def __init__(self, app: ASGIApp, except_paths: Iterable[str] = ()) -> None:
        self.app = app
        self.except_paths = frozenset(except_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; who logs it further out still sees HEAD."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"] in self.except_paths:
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            await send({**message, "body": b""} if "body" in message else message)

        await self.app({**scope, "method": "GET"}, receive, send_without_body)
