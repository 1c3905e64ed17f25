"""The quick way to routes that take thousands of requests a second: no matching, no dependencies, one function.

Such a route is an `async def` function of the bare request, open to all, and answers all errors of its own. It is
declared like any other, so that the docs and the tests of scopes see it, and still works where nothing is shortened.
"""

from collections.abc import Awaitable, Callable, Iterable
from inspect import iscoroutinefunction
from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from analytics_pipelines.http_kit.scopes import declared_scopes

Endpoint = Callable[[Request], Awaitable[Response]]


class Shortcuts:
    """ASGI middleware: hands requests of the routers' routes to their functions, all others on."""

    def __init__(self, app: ASGIApp, routers: Iterable[APIRouter]) -> None:
        """Raises `TypeError` for a route that needs more than its function."""
        self.app = app
        self.endpoints = dict(_shortened(route) for router in routers for route in router.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        if scope["type"] == "http":
            endpoint = self.endpoints.get((scope["path"], scope["method"]))
            if endpoint is not None:
                response = await endpoint(Request(scope, receive, send))
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _shortened(route: Any) -> tuple[tuple[str, str], Endpoint]:
    is_plain = isinstance(route, APIRoute) and declared_scopes(route) == [None] and len(route.dependencies) == 1
    if not is_plain or route.param_convertors or len(route.methods) != 1 or not _takes_the_request(route):
        raise TypeError(route.path + " needs more than its function")
    return (route.path, next(iter(route.methods))), cast("Endpoint", route.endpoint)


def _takes_the_request(route: APIRoute) -> bool:
    needs = route.dependant
    is_bare = not (needs.query_params or needs.header_params or needs.cookie_params or needs.body_params)
    return (
        is_bare
        and iscoroutinefunction(route.endpoint)
        and list(route.endpoint.__annotations__)
        == [
            "request",
            "return",
        ]
    )
