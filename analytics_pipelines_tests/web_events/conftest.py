"""A small application with the room's router only, over a real socket, on a real PostgreSQL."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.wiring import DatabaseDoor, Wiring, wire
from analytics_pipelines.web_events.routes import router

NOW = datetime(2026, 3, 5, 12, 0, 0, 123000, tzinfo=UTC)
Serve = Callable[..., httpx.Client]


def collecting_app(settings: Settings, database: DatabaseDoor) -> FastAPI:
    """An application that collects at `NOW`."""
    app = FastAPI()
    app.include_router(router)
    wire(
        app,
        Wiring(
            settings=settings,
            generations=Generations(settings),
            database=database,
            verifier=lambda _token: None,
            clock=lambda: NOW,
        ),
    )
    return app


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a free port of loopback; yields its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
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

        def start(database: DatabaseDoor, chosen: Settings = settings) -> httpx.Client:
            url = stack.enter_context(served(collecting_app(chosen, database)))
            return stack.enter_context(httpx.Client(base_url=url, headers={"User-Agent": "Firefox/144.0"}))

        yield start


@pytest.fixture
def client(serve: Serve, database: Database) -> httpx.Client:
    """A client of an application that registers unknown sites."""
    return serve(lambda: database)
