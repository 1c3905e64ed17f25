"""The doors of the room behind real HTTP, in front of a broker that says what a test has it say."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest
from fastapi import APIRouter

from analytics_pipelines.accounts.scopes import implied_by
from analytics_pipelines.http_kit.principals import Principal
from analytics_pipelines.http_kit.requests import BodyLimit
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines.sql_service.routes import batch, explain, health, queries, query, statistics
from analytics_pipelines.sql_service.routes.parts import SERVICE
from analytics_pipelines.sql_service.service import DuckDBService
from analytics_pipelines_tests.apps import serving, small_app
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.sql_service.routes.door import Door
from analytics_pipelines_tests.sql_service.stand_in import WHOLE, StandIn, standing_in

SCOPES = ("viewer", "analyst", "admin")


@pytest.fixture(scope="package")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """An application with these routes alone; nobody listens where the broker should."""
    settings = settings_in(tmp_path_factory.mktemp("doors") / "home", sql_max_streamed_rows=1000)
    router = APIRouter()
    for each in (query, batch, explain, queries, statistics, health):
        router.include_router(each.router)
    app = small_app(settings, router)
    app.add_middleware(BodyLimit)
    principals = {scope: Principal(scope, implied_by([scope])) for scope in SCOPES}
    app.state.wiring = replace(app.state.wiring, verifier=principals.get)
    SERVICE.fill(app, DuckDBService.of(settings))
    with ExitStack() as stack:
        url = stack.enter_context(serving(app))

        def client(**headers: str) -> httpx.Client:
            return stack.enter_context(httpx.Client(base_url=url + "/api/v1/duckdb", timeout=30, headers=headers))

        clients = {scope: client(Authorization="Bearer " + scope) for scope in SCOPES}
        yield Door(places=Places.of(settings.home), nobody=client(), app=app, **clients)


@pytest.fixture(scope="package")
def listening(door: Door) -> Iterator[StandIn]:
    """A broker for all tests of the package that want one."""
    with standing_in(door.places) as found:
        yield found


@pytest.fixture
def broker(listening: StandIn) -> StandIn:
    """The same, with the one answer that it has at first."""
    listening.answers.clear()
    listening.answers["SELECT 1"] = WHOLE
    listening.asks.clear()
    while listening.hung_up.acquire(blocking=False):
        pass
    return listening


@pytest.fixture
def analyst(door: Door) -> httpx.Client:
    """Who may ask."""
    return door.analyst
