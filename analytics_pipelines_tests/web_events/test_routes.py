import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events.event import MOST_EVENT_BYTES
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.web_events.conftest import NOW, Serve
from analytics_pipelines_tests.web_events.poison import ODD, REJECTED
from analytics_pipelines_tests.web_events.stored import failed_events, stored_events, stored_keys

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
AT = datetime(2026, 3, 5, 11, 59, 30, tzinfo=UTC)


def test_an_empty_event_is_stored_with_every_default(client: httpx.Client, database: Database) -> None:
    answer = client.post("/collect", json={})
    (event,) = stored_events(database)
    assert answer.status_code == 200
    assert UUID7.fullmatch(event["event_id"])
    assert answer.json() == {
        "status": "success",
        "message": "Event received and stored",
        "event_id": event["event_id"],
        "timestamp": "2026-03-05T12:00:00.123Z",
    }
    assert re.fullmatch("[0-9a-f]{32}", event.pop("visitor_id"))
    assert {name: value for name, value in event.items() if value is not None and name != "event_id"} == {
        "site_id": "default",
        "event_type": "unknown",
        "event_at": NOW,
        "received_at": NOW,
        "client_address": "127.0.0.0/24",
        "user_agent": "Firefox/144.0",
        "source": "collect",
        "payload": {},
        "flags": ["visitor_derived"],
    }


def test_every_field_is_kept_and_unknown_ones_go_to_the_payload(client: httpx.Client, database: Database) -> None:
    sent: dict[str, Any] = {
        "eventType": "pageview",
        "sessionId": "s1",
        "visitorId": "v1",
        "siteId": "shop",
        "timestamp": "2026-03-05T11:59:30Z",
        "sentAt": "2026-03-05T11:59:31+00:00",
        "eventId": "e1",
        "url": "https://shop.example/a?b=1",
        "path": "/a",
        "referrer": "https://news.example/",
        "title": "Ä 😀",
        "attribution": {"utmParams": {"source": "mail"}},
        "properties": {"price": 1.5, "big": 10**30},
        "plan": [1, None, "x"],
    }
    assert client.post("/collect", json=sent).json()["event_id"] == "e1"
    (event,) = stored_events(database)
    assert event == {
        "site_id": "shop",
        "event_id": "e1",
        "event_type": "pageview",
        "visitor_id": "v1",
        "session_id": "s1",
        "event_at": AT,
        "received_at": NOW,
        "sent_at": AT.replace(second=31),
        "url": sent["url"],
        "path": "/a",
        "referrer": sent["referrer"],
        "title": "Ä 😀",
        "client_address": "127.0.0.0/24",
        "user_agent": "Firefox/144.0",
        "source": "collect",
        "payload": {name: sent[name] for name in ("attribution", "properties", "plan")},
        "flags": [],
    }


def test_text_plain_is_taken_as_send_beacon_sends_it(client: httpx.Client, database: Database) -> None:
    body = b'\xef\xbb\xbf{"eventId": "b1"}'
    assert client.post("/collect", content=body, headers={"content-type": "text/plain"}).status_code == 200
    assert [event["event_id"] for event in stored_events(database)] == ["b1"]


@pytest.mark.parametrize(
    ("given", "event_at", "flags"),
    [
        pytest.param("2026-03-05T11:59:30", AT, [], id="naive is UTC"),
        pytest.param("2026-03-05T12:59:30+01:00", AT, [], id="offset"),
        pytest.param("yesterday", NOW, ["timestamp_unparsable"], id="words"),
        pytest.param(1772711970000, NOW, ["timestamp_unparsable"], id="a number"),
        pytest.param("0001-01-01T00:00:00+14:00", NOW, ["timestamp_unparsable"], id="before all times"),
        pytest.param("", NOW, [], id="empty"),
        pytest.param(None, NOW, [], id="null"),
    ],
)
def test_a_time_that_can_not_be_read_is_the_receipt_and_flagged(
    client: httpx.Client, database: Database, given: object, event_at: datetime, flags: list[str]
) -> None:
    sent_at = "2026-03-05T12:00:00Z"
    assert client.post("/collect", json={"timestamp": given, "sentAt": sent_at, "visitorId": "v"}).status_code == 200
    (event,) = stored_events(database)
    assert (event["event_at"], event["flags"]) == (event_at, flags)
    assert (event["sent_at"] is None) is (event_at == NOW)
    assert event["payload"] == ({"timestamp": given} if flags else {})


def test_poison_is_answered_clearly_and_kept(client: httpx.Client, database: Database) -> None:
    for case in REJECTED:
        body, status, _ = case.values
        answer = client.post("/collect", content=body)
        assert (case.id, answer.status_code, answer.json()["status"]) == (case.id, status, "error")
        assert answer.json().keys() == {"status", "message"}
    kept = Counter((row["reason"], row["payload"]) for row in failed_events(database))
    assert kept == Counter((reason, body[:MOST_EVENT_BYTES]) for body, _, reason in (case.values for case in REJECTED))
    assert not stored_events(database)


def test_odd_values_are_stored(client: httpx.Client, database: Database) -> None:
    for case in ODD:
        content = json.dumps(case.values[0], ensure_ascii=False, separators=(",", ":")).encode()
        assert (case.id, client.post("/collect", content=content).status_code) == (case.id, 200)
    assert len(stored_events(database)) == len(ODD)


def test_a_body_without_end_is_refused_without_being_read(client: httpx.Client, database: Database) -> None:
    endless = (b"x" * 10_000 for _ in range(1_000))
    assert client.post("/collect", content=endless).status_code == 413
    (failed,) = failed_events(database)
    assert failed["payload"] == b"x" * MOST_EVENT_BYTES


def test_the_second_event_of_an_id_is_a_duplicate_and_changes_nothing(client: httpx.Client, database: Database) -> None:
    client.post("/collect", json={"eventId": "e", "title": "first"})
    again = client.post("/collect", json={"eventId": "e", "title": "second"})
    assert (again.status_code, again.json()["message"]) == (200, "Event already stored")
    assert again.json()["event_id"] == "e"
    client.post("/collect", json={"eventId": "e", "siteId": "other"})
    assert [(event["site_id"], event["title"]) for event in stored_events(database)] == [
        ("default", "first"),
        ("other", None),
    ]


def test_senders_at_the_same_time_store_each_id_once(client: httpx.Client, database: Database) -> None:
    ids = [str(number % 20) for number in range(80)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda event_id: client.post("/collect", json={"eventId": event_id}), ids))
    assert {answer.status_code for answer in answers} == {200}
    stored = [answer.json()["event_id"] for answer in answers if "already" not in answer.json()["message"]]
    assert sorted(stored) == sorted(set(ids))
    assert sorted(event["event_id"] for event in stored_events(database)) == sorted(set(ids))
    assert len(stored_keys(database)) == 20


def test_an_unknown_site_is_rejected_where_sites_are_not_registered_by_themselves(
    serve: Serve, database: Database, tmp_path: Any
) -> None:
    client = serve(lambda: database, settings_in(tmp_path, collect_auto_register_sites=False))
    answer = client.post("/collect", json={"siteId": "nobody"})
    assert (answer.status_code, answer.json()["status"]) == (422, "error")
    (failed,) = failed_events(database)
    assert (failed["reason"], failed["site_id"]) == ("unknown_site", "nobody")


def test_without_the_database_nothing_is_acknowledged(serve: Serve) -> None:
    def away() -> Database:
        raise Unavailable("The database is away.")

    answer = serve(away).post("/collect", json={})
    assert (answer.status_code, answer.json()) == (503, {"status": "error", "message": "Event processing failed"})


def test_a_server_that_went_away_is_answered_with_503(serve: Serve, settings: Any) -> None:
    gone = Database("postgresql://nobody:secret@127.0.0.1:1/none", name="test", settings=settings)
    client = serve(lambda: gone)
    assert client.post("/collect", json={}).status_code == 503
    assert client.post("/collect", content=b"{").status_code == 503
    gone.close()
