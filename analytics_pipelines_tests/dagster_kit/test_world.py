"""What a run works with is opened with it and closed after it."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb
import pytest
import sqlalchemy as sa

from analytics_pipelines.dagster_kit import world as module
from analytics_pipelines.dagster_kit.world import open_world, world_resource
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.foundation.settings import Settings


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch, database_urls: DatabaseUrls) -> list[str]:
    """What was started and stopped, in a world whose embedded server is that of the tests."""
    told: list[str] = []

    @contextmanager
    def running(_: Settings) -> Iterator[DatabaseUrls]:
        told.append("started")
        yield database_urls
        told.append("stopped")

    monkeypatch.setattr(module, "running_database", running)
    return told


def test_nothing_touches_the_database_until_it_is_asked_for(settings: Settings, starts: list[str]) -> None:
    with open_world(settings):
        pass
    assert starts == []


def test_the_database_is_started_once_and_stopped_after_the_run(settings: Settings, starts: list[str]) -> None:
    with open_world(settings) as world:
        with world.database.reading() as connection:
            assert connection.execute(sa.text("SELECT 1")).scalar_one() == 1
        assert world.database is world.database
        assert "dbname=" in world.source_conninfo
        assert starts == ["started"]
    assert starts == ["started", "stopped"]


def test_the_resource_closes_the_lake_after_the_run(settings: Settings) -> None:
    seen = []

    @dg.op(required_resource_keys={"world"})
    def look(context: dg.OpExecutionContext) -> None:
        seen.append(context.resources.world.lake)

    @dg.job(resource_defs={"world": world_resource(settings)})
    def looking() -> None:
        look()

    assert looking.execute_in_process().success
    with pytest.raises(duckdb.ConnectionException), seen[0].duck.cursor():
        pass
