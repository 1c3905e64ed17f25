"""The HTTP door over a real socket, on a real PostgreSQL."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from analytics_pipelines.dagster_kit.events import Materialized
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.wiring import wire
from analytics_pipelines.operations import requests
from analytics_pipelines.operations.heartbeat import DAEMON, beat
from analytics_pipelines.operations.mirror import record
from analytics_pipelines.operations.requests import State, Wish
from analytics_pipelines.operations.routes import router
from analytics_pipelines_tests.apps import NOW, no_database, serving, small_app

TODAY = date(2026, 11, 21)
ADMIN = {"authorization": "Bearer admin"}


def client_of(settings: Settings, door):
    app = small_app(settings, router)
    wire(app, replace(app.state.wiring, database=door))
    return serving(app)


@pytest.fixture
def client(settings: Settings, database: Database):
    with client_of(settings, lambda: database) as url, httpx.Client(base_url=url) as found:
        yield found


@pytest.fixture
def cut_off(settings: Settings):
    with client_of(settings, no_database) as url, httpx.Client(base_url=url) as found:
        yield found


def asked(client: httpx.Client, body: object, **headers: str) -> httpx.Response:
    return client.post("/etl/run", json=body, headers=headers or ADMIN)


def test_health_is_told_as_the_contract_says(client: httpx.Client) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "healthy", "database": "connected", "timestamp": "2026-11-21T09:30:00Z"}
    of_database = client.get("/health/db").json()
    assert of_database.items() >= answer.json().items()
    assert of_database["latency_ms"] > 0
    assert of_database["version"][0].isdigit()


def test_without_a_database_health_is_degraded(cut_off: httpx.Client) -> None:
    answer = cut_off.get("/health")
    assert answer.status_code == 503
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {"status": "degraded", "database": "disconnected", "timestamp": "2026-11-21T09:30:00Z"}
    answer = cut_off.get("/health/db")
    assert (answer.status_code, answer.json()["version"], answer.json()["latency_ms"]) == (503, None, None)


def test_without_a_database_the_other_routes_say_so_too(cut_off: httpx.Client) -> None:
    for answer in (cut_off.get("/etl/status"), cut_off.get("/etl/runs"), asked(cut_off, {"days": 1})):
        assert (answer.status_code, answer.json()["code"]) == (503, "Unavailable")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({"days": 1}, Wish((), TODAY, TODAY), id="today"),
        pytest.param({"days": 7}, Wish((), date(2026, 11, 15), TODAY), id="the last week"),
        pytest.param(
            {"from": "2026-10-01", "to": "2026-10-31", "assets": ["raw_app__users"]},
            Wish(("raw_app__users",), date(2026, 10, 1), date(2026, 10, 31)),
            id="a month of one asset",
        ),
        pytest.param(
            {"from": "2026-11-23", "to": "2026-11-23", "assets": ["serving"]},
            Wish(("serving_generation",), date(2026, 11, 23), date(2026, 11, 23)),
            id="a group, on the last day ahead",
        ),
    ],
)
def test_a_run_is_asked_for(client: httpx.Client, database: Database, body, expected) -> None:
    answer = asked(client, body)
    assert answer.status_code == 202
    assert answer.json() == {"request_id": answer.json()["request_id"], "state": "new"}
    found = requests.by_id(database, answer.json()["request_id"])
    assert (found.wish, found.requested_by, found.requested_at) == (expected, "admin", NOW)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({}, "InvalidRequest", id="no days"),
        pytest.param({"days": 1, "from": "2026-10-01", "to": "2026-10-02"}, "InvalidRequest", id="both ways"),
        pytest.param({"from": "2026-10-01"}, "InvalidRequest", id="no end"),
        pytest.param({"to": "2026-10-01"}, "InvalidRequest", id="no begin"),
        pytest.param({"days": 0}, "InvalidRequest", id="no day"),
        pytest.param({"days": 4001}, "InvalidRequest", id="too many days"),
        pytest.param({"days": 1, "asset": ["x"]}, "InvalidRequest", id="a field that there is not"),
        pytest.param({"days": 1, "assets": ["x"] * 101}, "InvalidRequest", id="too many names"),
        pytest.param({"from": "2012-01-01", "to": "2026-01-01"}, "TooManyDays", id="too long"),
        pytest.param({"from": "2026-10-02", "to": "2026-10-01"}, "DaysOutOfRange", id="the wrong order"),
        pytest.param({"from": "2009-12-31", "to": "2010-01-01"}, "DaysOutOfRange", id="before the lake"),
        pytest.param({"from": "2026-11-21", "to": "2026-11-24"}, "DaysOutOfRange", id="in the future"),
        pytest.param({"days": 1, "assets": ["nope"]}, "UnknownAssets", id="an unknown asset"),
    ],
)
def test_what_can_not_be_run_is_refused_and_not_kept(client: httpx.Client, database: Database, body, code) -> None:
    answer = asked(client, body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert requests.newest(database, 10) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"x": "y"}, 401, id="nobody"),
        pytest.param({"authorization": "Bearer viewer"}, 403, id="a viewer"),
    ],
)
def test_only_an_admin_may_ask_for_a_run(client: httpx.Client, headers, status) -> None:
    assert asked(client, {"days": 1}, **headers).status_code == status


def test_a_request_can_be_followed(client: httpx.Client, database: Database) -> None:
    request_id = asked(client, {"days": 2}).json()["request_id"]
    assert client.get("/etl/runs/" + request_id).json() == {
        "request_id": request_id,
        "state": "new",
        "run_id": None,
        "run_url": None,
        "first_date": "2026-11-20",
        "last_date": "2026-11-21",
        "assets": [],
        "error": None,
        "requested_by": "admin",
        "requested_at": "2026-11-21T09:30:00Z",
        "updated_at": "2026-11-21T09:30:00Z",
    }
    requests.advance(database, request_id, State.FAILED, now=NOW, run_id="r1", error="raw: 1 of 2 days")
    found = client.get("/etl/runs/" + request_id).json()
    assert (found["state"], found["run_id"], found["error"]) == ("failed", "r1", "raw: 1 of 2 days")
    assert found["run_url"] == "http://127.0.0.1:3000/runs/r1"
    assert client.get("/etl/runs").json() == [found]
    assert client.get("/etl/runs?limit=0").status_code == 422


def test_an_unknown_request_is_not_found(client: httpx.Client) -> None:
    answer = client.get("/etl/runs/nope")
    assert (answer.status_code, answer.json()["code"]) == (404, "UnknownRequest")


def test_status_tells_requests_daemon_tables_and_events(client: httpx.Client, database: Database) -> None:
    asked(client, {"days": 1})
    record(
        database, [Materialized("raw_web__events", "2026-11-21", "r", 5, 900, datetime(2026, 11, 21, 9, tzinfo=UTC))]
    )
    found = client.get("/etl/status").json()
    assert found["requests"] == {
        "new": 1,
        "queued": 0,
        "running": 0,
        "succeeded": 0,
        "failed": 0,
        "cancelled": 0,
    }
    assert not found["daemon"]["is_answering"]
    assert "No daemon has answered" in found["daemon"]["message"]
    assert found["events"] == {"stored": 0, "failed": 0, "by_type": {}}
    assert found["tables"] == [
        {
            "asset": "raw_web__events",
            "partitions": 1,
            "rows": 5,
            "size_bytes": 900,
            "newest_partition": "2026-11-21",
            "materialized_at": "2026-11-21T09:00:00Z",
        }
    ]
    beat(database, DAEMON, NOW - timedelta(seconds=4))
    assert client.get("/etl/status").json()["daemon"] == {
        "is_answering": True,
        "last_heartbeat_at": "2026-11-21T09:29:56Z",
        "age_s": 4.0,
        "message": "The daemon answers.",
    }
