"""Applications for tests: one router behind all middlewares, real uvicorn on a socket of its own."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import httpx
import pytest
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.logs import HANDLER_NAME
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.conditional import GenerationHeaders
from analytics_pipelines.http_kit.principals import Principal
from analytics_pipelines.http_kit.problems import install_problems
from analytics_pipelines.http_kit.requests import RequestIds, UnexpectedErrors
from analytics_pipelines.http_kit.wiring import Wiring, wire
from analytics_pipelines_tests.waiting import wait_until

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TOKENS = {scope: Principal(scope, {scope}) for scope in ("viewer", "analyst", "admin", "metrics:read")}


def no_database() -> Database:
    """A door to a database that is away."""
    raise Unavailable("The database is away.", remedy="Start it.")


def small_app(settings: Settings, router: APIRouter, generations: Generations | None = None) -> FastAPI:
    """The router with everything that http_kit puts around it; the tokens are named after their scope."""
    app = FastAPI()
    held = generations or Generations(settings)
    wire(
        app,
        Wiring(settings=settings, generations=held, database=no_database, verifier=TOKENS.get, clock=lambda: NOW),
    )
    install_problems(app)
    app.include_router(router)
    for middleware in (GenerationHeaders, UnexpectedErrors, RequestIds):
        app.add_middleware(middleware)
    return app


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The application under uvicorn; gives its URL."""
    chosen = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_config=None, lifespan="on", ws="none", proxy_headers=False
    )
    server = uvicorn.Server(chosen)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield "http://127.0.0.1:" + str(port)
    finally:
        server.should_exit = True
        thread.join()


Start = Callable[[FastAPI], httpx.Client]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts applications and gives clients of them; all end with the test."""
    with ExitStack() as stack:

        def started(app: FastAPI) -> httpx.Client:
            return stack.enter_context(httpx.Client(base_url=stack.enter_context(serving(app)), timeout=30))

        yield started


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """Takes back what `foundation.logs.configure` does to the process."""
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)
    for handler in [each for each in root.handlers if each.get_name() == HANDLER_NAME]:
        root.removeHandler(handler)
    structlog.reset_defaults()
