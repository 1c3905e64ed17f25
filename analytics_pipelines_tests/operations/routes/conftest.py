"""All doors of operations over a real socket, with a database and without."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from fastapi import APIRouter

from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.wiring import DatabaseDoor, wire
from analytics_pipelines.operations.routes import cleanup, health, runs, status, sync
from analytics_pipelines_tests.apps import no_database, serving, small_app


def client_of(settings: Settings, door: DatabaseDoor) -> Iterator[httpx.Client]:
    """A client of an application with these doors alone."""
    router = APIRouter()
    for each in (cleanup.router, health.router, runs.router, status.router, sync.router):
        router.include_router(each)
    with Generations(settings) as generations:
        app = small_app(settings, router, generations)
        wire(app, replace(app.state.wiring, database=door))
        with serving(app) as url, httpx.Client(base_url=url, timeout=60) as found:
            yield found


@pytest.fixture
def client(settings: Settings, database: Database) -> Iterator[httpx.Client]:
    """With a migrated database."""
    yield from client_of(settings, lambda: database)


@pytest.fixture
def cut_off(settings: Settings) -> Iterator[httpx.Client]:
    """While the database is away."""
    yield from client_of(settings, no_database)
