"""Asking for runs and following them, over a real socket, on a real PostgreSQL."""

from datetime import date

import httpx
import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations import requests
from analytics_pipelines.operations.requests import State, Wish
from analytics_pipelines_tests.apps import NOW

TODAY = date(2026, 11, 21)
ADMIN = {"authorization": "Bearer admin"}


def asked(client: httpx.Client, body: object, **headers: str) -> httpx.Response:
    return client.post("/etl/run", json=body, headers=headers or ADMIN)


def test_without_a_database_the_other_routes_say_so_too(cut_off: httpx.Client) -> None:
    for answer in (cut_off.get("/etl/runs"), cut_off.get("/etl/runs/x"), asked(cut_off, {"days": 1})):
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
        pytest.param({"days": True}, "InvalidRequest", id="true is no number"),
        pytest.param({"days": "2"}, "InvalidRequest", id="a text is no number"),
        pytest.param({"days": 2.0}, "InvalidRequest", id="a fraction is no number of days"),
        pytest.param({"from": 0, "to": 0}, "InvalidRequest", id="a number is no day"),
        pytest.param({"from": "2026-10-01", "to": True}, "InvalidRequest", id="true is no day"),
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
