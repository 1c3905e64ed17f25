"""The product's doors with callers of every kind, without a socket."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.http_kit.principals import Principal
from analytics_pipelines.http_kit.wiring import wire
from analytics_pipelines.product_export.routes.routers import ROUTERS
from analytics_pipelines_tests.apps import small_app
from analytics_pipelines_tests.conftest import settings_in

ADMIN = Principal("root", {"viewer", "analyst", "admin", "product:write"})
CALLERS = {
    "admin": ADMIN,
    "admin-ada": replace(ADMIN, subject="ada@example.com"),
    "ada": Principal("ada", {"product:write"}, "ada@example.com"),
    "bob": Principal("bob", {"product:write", "viewer"}, "bob@example.com"),
    "viewer": Principal("reader", {"viewer"}, "ada@example.com"),
    "analyst": Principal("analyst", {"viewer", "analyst"}),
    "metrics": Principal("scraper", {"metrics:read"}),
}
"""By their tokens."""
Call = Callable[..., httpx.Response]


@pytest.fixture
def call(tmp_path, database: Database) -> Call:
    """Asks the doors: method, path, the caller's token, and a body or parameters; reads need a token."""
    return caller_of(tmp_path, database, auth_required_for_reads=True)


def caller_of(home, database: Database, **chosen: object) -> Call:
    app = small_app(settings_in(home, **chosen), ROUTERS[0])
    for router in ROUTERS[1:]:
        app.include_router(router)
    wire(app, replace(app.state.wiring, database=lambda: database, verifier=CALLERS.get))

    async def answer(method: str, path: str, token: str | None, given: dict[str, Any]) -> httpx.Response:
        headers = {"authorization": "Bearer " + token} if token else {}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.request(method, path, headers=headers, **given)

    def called(method: str, path: str, caller: str | None = "admin", **given: Any) -> httpx.Response:
        return asyncio.run(answer(method, path, caller, given))

    return called
