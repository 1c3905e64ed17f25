"""Health: connected and migrated or not, and what waits in the spool."""

from collections.abc import Iterator

import httpx
import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.web_events.intake.entries import entry_of
from analytics_pipelines.web_events.intake.spool import Spool
from analytics_pipelines_tests.operations.routes.conftest import client_of
from analytics_pipelines_tests.operations.visitors import NOON, receipt

EMPTY = {"pending_events": 0, "size_bytes": 0, "limit_bytes": 2**30, "oldest_at": None}
AT = "2026-11-21T09:30:00Z"


@pytest.fixture
def unmigrated(settings: Settings, postgres_server) -> Iterator[httpx.Client]:
    """With a database that has no tables."""
    urls = postgres_server.create("unmigrated")
    database = Database(urls.app, name="test", settings=settings)
    try:
        yield from client_of(settings, lambda: database)
    finally:
        database.close()
        postgres_server.drop("unmigrated")


def test_health_is_told_as_the_contract_says(client: httpx.Client) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    healthy = {"status": "healthy", "database": "connected", "timestamp": AT}
    assert answer.json() == healthy | {"detail": None, "spool": EMPTY}
    of_database = client.get("/health/db").json()
    assert of_database.items() >= healthy.items()
    assert of_database["latency_ms"] > 0
    assert of_database["version"][0].isdigit()


@pytest.mark.parametrize("path", ["/health", "/health/db"])
def test_without_a_database_health_is_degraded_and_tells_of_the_spool(cut_off, settings, path: str) -> None:
    entry = entry_of(receipt("1", "anna"))
    Spool.of(settings).append([entry])
    answer = cut_off.get(path)
    assert answer.status_code == 503
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told.items() >= {"status": "degraded", "database": "disconnected", "timestamp": AT}.items()
    assert told["spool"] == {
        "pending_events": 1,
        "size_bytes": len(entry.body),
        "limit_bytes": 2**30,
        "oldest_at": NOON.isoformat().replace("+00:00", "Z"),
    }
    assert told.get("version") is None


@pytest.mark.parametrize("path", ["/health", "/health/db"])
def test_a_database_without_our_tables_is_degraded_and_the_remedy_told(unmigrated, path: str) -> None:
    answer = unmigrated.get(path)
    assert (answer.status_code, answer.json()["status"], answer.json()["database"]) == (503, "degraded", "connected")
    assert "analytics migrate" in answer.json()["detail"]


def test_a_spool_that_can_not_be_read_is_told_as_unknown(client: httpx.Client, settings: Settings) -> None:
    settings.home.spool.mkdir(parents=True)
    Spool.of(settings).file.write_bytes(b"no database" * 100)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["spool"]) == (200, None)
