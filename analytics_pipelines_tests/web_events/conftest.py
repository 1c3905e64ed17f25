"""A small application with the collecting routes only, over a real socket, on a real PostgreSQL."""

import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from analytics_pipelines.foundation.clock import Clock
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.client_address import ClientAddresses
from analytics_pipelines.http_kit.origins import Origins
from analytics_pipelines.http_kit.shortcuts import Shortcuts
from analytics_pipelines.http_kit.wiring import Wiring, wire
from analytics_pipelines.web_events.intake.directory import open_directory
from analytics_pipelines.web_events.intake.lanes import UrlDoor
from analytics_pipelines.web_events.intake.opening import open_intake
from analytics_pipelines.web_events.routes import collect, segment
from analytics_pipelines.web_events.routes.parts import DIRECTORY, INTAKE
from analytics_pipelines.web_events.routes.receiving import allowed_somewhere
from analytics_pipelines_tests.apps import no_database

NOW = datetime(2026, 3, 5, 12, 0, 0, 123000, tzinfo=UTC)
ROUTERS = (collect.router, segment.router)
Serve = Callable[..., httpx.Client]


def away() -> str:
    """A door to a server that nobody can reach."""
    raise Unavailable("The database is away.")


def collecting_app(settings: Settings, url: UrlDoor, clock: Clock) -> FastAPI:
    """An application that collects at the clock's time."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            open_intake(settings, url, clock=clock) as intake,
            open_directory(settings, url, clock=clock) as known,
        ):
            INTAKE.fill(app, intake)
            DIRECTORY.fill(app, known)
            yield

    app = FastAPI(lifespan=lifespan)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Shortcuts, routers=ROUTERS)
    app.add_middleware(Origins, allowed=(), public_paths=(collect.PATH, *segment.PATHS), public=allowed_somewhere)
    app.add_middleware(ClientAddresses, trusted=settings.trusted_proxies)
    generations = Generations(settings)
    parts = Wiring(
        settings=settings, generations=generations, database=no_database, verifier=lambda _token: None, clock=clock
    )
    wire(app, parts)
    return app


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a free port of loopback; yields its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "it did not start"
        time.sleep(0.01)
    try:
        yield "http://127.0.0.1:" + str(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def serve(settings: Settings) -> Iterator[Serve]:
    """Starts an application and gives a client of it."""
    with ExitStack() as stack:

        def start(url: UrlDoor, chosen: Settings = settings, clock: Clock = lambda: NOW) -> httpx.Client:
            found = stack.enter_context(served(collecting_app(chosen, url, clock)))
            return stack.enter_context(httpx.Client(base_url=found, headers={"User-Agent": "Firefox/144.0"}))

        yield start


@pytest.fixture
def client(serve: Serve, database_urls: DatabaseUrls) -> httpx.Client:
    """A client of an application that registers unknown sites."""
    return serve(lambda: database_urls.app)
