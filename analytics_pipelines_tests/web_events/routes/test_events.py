"""The event log's questions over a real socket, on a real PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.http_kit.wiring import wire
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.web_events.intake.entries import Entry
from analytics_pipelines.web_events.intake.spool import Spool
from analytics_pipelines.web_events.routes.events import router
from analytics_pipelines.web_events.tables import CORE_EVENTS, LATE_EVENTS, RAW_EVENTS
from analytics_pipelines_tests.apps import no_database, serving, small_app
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.web_events.logged import (
    counted,
    event,
    failed,
    write_counts,
    write_events,
    write_failed,
)
from analytics_pipelines_tests.web_events.test_reconcile import received, write

TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOTHING = {"event_log": 0, "failed_event": 0, "raw": None, "late": None, "core": None}
ZERO = dict.fromkeys(("received", "stored", "duplicate", "rejected", "spooled"), 0)


@pytest.fixture
def settings(tmp_path) -> Settings:
    return settings_in(tmp_path / "home", auth_required_for_reads=True)


def client_of(settings: Settings, database, generations: Generations | None = None):
    app = small_app(settings, router, generations)
    wire(app, replace(app.state.wiring, database=database))
    return serving(app)


@pytest.fixture
def client(settings: Settings, database: Database) -> Iterator[httpx.Client]:
    with (
        client_of(settings, lambda: database) as url,
        httpx.Client(base_url=url + "/events", headers={"authorization": "Bearer viewer"}) as found,
    ):
        yield found


def test_recent_events_are_told_as_the_contract_says(client: httpx.Client, database: Database) -> None:
    rows = [event(str(number), received_at=NOON + timedelta(seconds=number)) for number in range(60)]
    last = event("last", received_at=NOON + timedelta(hours=1), payload={"properties": {"plan": "pro"}, "ip": "x"})
    write_events(database, [*rows, last | {"path": "/a", "session_id": "s", "site_id": "other"}])
    answer = client.get("/recent").json()
    assert len(answer) == 50
    assert answer[0] == {
        "event_id": "last",
        "event_type": "pageview",
        "site_id": "other",
        "visitor_id": "v",
        "session_id": "s",
        "event_at": "2026-11-21T13:00:00Z",
        "received_at": "2026-11-21T13:00:00Z",
        "url": None,
        "path": "/a",
        "properties": {"plan": "pro"},
    }
    assert [each["event_id"] for each in client.get("/recent?limit=2&site=shop").json()] == ["59", "58"]


def test_no_answer_shows_an_address_or_an_agent(client: httpx.Client, database: Database) -> None:
    write_events(database, [event(received_at=NOON)])
    write_failed(database, [failed(received_at=NOON, payload=b'{"ip": "203.0.113.7"}')])
    for path in ("/recent", "/count", "/failed", "/reconcile"):
        text = client.get(path).text
        assert "shop" in text
        assert "203.0.113" not in text
        assert "Firefox" not in text


def test_totals_are_told(client: httpx.Client, database: Database) -> None:
    write_events(database, [event("a", received_at=NOON), event("b", site_id="other", received_at=NOON)])
    answer = client.get("/count").json()
    assert answer == {
        "total": 2,
        "by_type": {"pageview": 2},
        "by_site": {"other": 1, "shop": 1},
        "by_day": {"2026-11-21": 2},
    }
    assert client.get("/count?site=shop&from=2026-11-21&to=2026-11-21").json()["total"] == 1


def test_rejects_are_paged_and_chosen(client: httpx.Client, database: Database) -> None:
    write_failed(
        database,
        [failed(str(number), received_at=NOON, payload=b"x" * number) for number in range(3)]
        + [failed("old", received_at=NOON - timedelta(days=1), reason="broken_json", site_id=None)],
    )
    first = client.get("/failed?limit=2").json()
    second = client.get("/failed", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [each["failed_id"] for each in first["events"] + second["events"]] == ["2", "1", "0", "old"]
    assert second["next_cursor"] is None
    assert first["events"][0] == {
        "failed_id": "2",
        "site_id": "shop",
        "source": "collect",
        "reason": "unknown_site",
        "detail": "The site is not registered.",
        "received_at": "2026-11-21T12:00:00Z",
        "size_bytes": 2,
        "payload": "xx",
        "line_number": None,
        "replayed_at": None,
        "outcome": None,
    }
    chosen = client.get("/failed?reason=broken_json&to=2026-11-20").json()["events"]
    assert [each["failed_id"] for each in chosen] == ["old"]
    assert client.get("/failed?site=shop&from=2026-11-22").json()["events"] == []


def spooled(settings: Settings, *sites: str) -> None:
    spool = Spool.of(settings)
    spool.append([Entry("receipt", site, NOON, b"{}") for site in sites])
    spool.close()


def test_what_is_spooled_is_received_too(client: httpx.Client, database: Database, settings: Settings) -> None:
    write_counts(database, [counted(TODAY, received=3, stored=1, duplicate=1, rejected=1)])
    write_events(database, [event(received_at=NOON)])
    write_failed(database, [failed(received_at=NOON)])
    spooled(settings, "shop", "shop", "new")
    answer = client.get("/reconcile").json()
    assert (answer["first_date"], answer["last_date"]) == ("2026-11-15", "2026-11-21")
    assert (answer["generation"], answer["is_balanced"]) == (None, True)
    assert answer["total"] == {"received": 6, "stored": 1, "duplicate": 1, "rejected": 1, "spooled": 3}
    new, shop = answer["days"]
    assert new == ZERO | {
        "received_date": "2026-11-21",
        "site_id": "new",
        "received": 1,
        "spooled": 1,
        "is_balanced": True,
        "is_dropped": False,
        "is_pending": False,
        "stages": NOTHING,
        "differences": [],
    }
    assert (shop["site_id"], shop["received"], shop["spooled"], shop["is_balanced"]) == ("shop", 5, 2, True)
    assert shop["stages"] == NOTHING | {"event_log": 1, "failed_event": 1}
    assert client.get("/reconcile?site=shop").json()["days"] == [shop]
    assert client.get("/reconcile?to=2026-11-20").json()["days"] == []


def test_what_does_not_balance_is_told(client: httpx.Client, database: Database) -> None:
    write_counts(database, [counted(TODAY, received=3, stored=1)])
    answer = client.get("/reconcile").json()
    assert answer["is_balanced"] is answer["days"][0]["is_balanced"] is False
    assert answer["days"][0]["differences"] == [{"stage": "event_log", "expected": 1, "found": 0}]


def test_the_published_generation_is_compared_and_gives_no_tag(
    settings: Settings, database: Database, lake: Lake
) -> None:
    write(lake, RAW_EVENTS, TODAY, [received(RAW_EVENTS, "a", NOON)])
    write(lake, LATE_EVENTS, TODAY, [])
    write(lake, CORE_EVENTS, TODAY, [])
    built = build_generation(settings, lake, (RAW_EVENTS, LATE_EVENTS, CORE_EVENTS))
    write_counts(database, [counted(TODAY, received=1, stored=1)])
    write_events(database, [event("a", received_at=NOON)])
    generations = Generations(settings)
    generations.refresh()
    viewer = {"authorization": "Bearer viewer", "if-none-match": '"' + built.generation.id + '"'}
    with client_of(settings, lambda: database, generations) as url:
        answer = httpx.get(url + "/events/reconcile", headers=viewer)
    generations.stop()
    assert answer.status_code == 200
    assert "etag" not in answer.headers
    assert answer.json()["generation"] == built.generation.id
    (day,) = answer.json()["days"]
    assert day["stages"] == {"event_log": 1, "failed_event": 0, "raw": 1, "late": 0, "core": 0}
    assert day["differences"] == [{"stage": "core", "expected": 1, "found": 0}]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("/recent?limit=0", "InvalidRequest", id="nothing"),
        pytest.param("/recent?limit=1001", "InvalidRequest", id="too much"),
        pytest.param("/failed?reason=astrology", "InvalidRequest", id="a reason that is none"),
        pytest.param("/failed?cursor=x", "BadCursor", id="a cursor that is none"),
        pytest.param("/count?from=yesterday", "InvalidRequest", id="a day in words"),
        pytest.param("/reconcile?from=2026-11-21&to=2026-11-20", "DaysBackwards", id="backwards"),
        pytest.param("/reconcile?from=2016-11-21", "TooManyDays", id="ten years"),
        pytest.param("/recent?site=%00", "TextNotStorable", id="NUL"),
    ],
)
def test_what_can_not_be_asked_is_told(client: httpx.Client, path: str, code: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize("path", ["/recent", "/count", "/failed", "/reconcile"])
def test_reading_needs_a_viewer_and_the_database(client: httpx.Client, settings: Settings, path: str) -> None:
    assert client.get(path, headers={"authorization": ""}).status_code == 401
    assert client.get(path, headers={"authorization": "Bearer metrics:read"}).status_code == 403
    with client_of(settings, no_database) as url:
        answer = httpx.get(url + "/events" + path, headers={"authorization": "Bearer viewer"})
        assert answer.status_code == 503
