"""Whether the database answers is told, never raised."""

import pytest

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations.health import probe


def test_a_database_that_answers_tells_its_version(database: Database) -> None:
    found = probe(lambda: database)
    assert found.is_connected
    assert found.latency_ms > 0
    assert int(found.version.split(".")[0]) >= 16


def refused() -> Database:
    raise Unavailable("away")


@pytest.mark.parametrize("kind", ["unknown place", "refuses connections"])
def test_a_database_that_is_away_is_only_away(settings: Settings, kind: str) -> None:
    gone = Database("postgresql://u:p@127.0.0.1:1/x", name="test", settings=settings)
    found = probe(refused if kind == "unknown place" else lambda: gone)
    assert (found.is_connected, found.latency_ms, found.version) == (False, None, None)
    gone.close()
