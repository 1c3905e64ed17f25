"""What is sent to /collect is stored as the contract says, or turned away for a reason and kept."""

import gzip
import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, MOST_EVENTS
from analytics_pipelines.web_events.intake.pixel import GIF
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.web_events.conftest import NOW, Serve, away
from analytics_pipelines_tests.web_events.poison import ODD, REJECTED
from analytics_pipelines_tests.web_events.stored import failed_events, stored_events, stored_keys

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
AT = datetime(2026, 3, 5, 11, 59, 30, tzinfo=UTC)
BATCHES = [
    pytest.param(json.dumps([{}] * MOST_EVENTS).encode(), 200, id="as many as may be"),
    pytest.param(json.dumps([{}] * (MOST_EVENTS + 1)).encode(), 413, id="one more"),
    pytest.param(b"[" + b"{}," * MOST_EVENTS + b'{"a":"\\u0000"}]', 413, id="one more, with poison"),
    pytest.param(b"[{}" + b" " * (2**20 - 4) + b"]", 200, id="1 MiB"),
    pytest.param(b"[{}" + b" " * (2**20 - 3) + b"]", 413, id="a byte over 1 MiB"),
    pytest.param(b'[{"a":1},{"a"', 400, id="cut off"),
    pytest.param(b'[{"a":1},{"b":}]', 400, id="broken in one event"),
    pytest.param(b'[{"a":1},]', 400, id="a comma too many"),
    pytest.param(b'{"events":[{"a":1}]', 400, id="an object that does not end"),
    pytest.param(b'{"events":[{"a":"\\u0000"}], x}', 400, id="broken around its events"),
]
"""(body, status)"""
PACKED = [
    pytest.param(gzip.compress(b'{"eventId": "g"}'), "gzip", 200, id="packed"),
    pytest.param(gzip.compress(b'{"eventId": "g"}')[:-9], "gzip", 400, id="cut off"),
    pytest.param(b'{"eventId": "g"}', "gzip", 400, id="not packed at all"),
    pytest.param(gzip.compress(b" " * 10_000_000), "gzip", 413, id="a bomb"),
    pytest.param(b"x", "br", 400, id="packed in another way"),
    pytest.param(b'{"eventId": "g"}', "identity", 200, id="said to be as it is"),
]
"""(body, encoding, status)"""


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
    event.pop("log_number")
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
    event.pop("log_number")
    assert event == {
        "site_id": "shop",
        "event_id": "e1",
        "event_type": "pageview",
        "visitor_id": "v1",
        "visitor_id_before": None,
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
    endless = (b"x" * 100_000 for _ in range(1_000))
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


def shape(kind: str, events: list[Any]) -> Any:
    return events if kind == "list" else {"events": events}


@pytest.mark.parametrize("kind", ["list", "object"])
def test_a_batch_has_one_outcome_an_event_in_order(client: httpx.Client, database: Database, kind: str) -> None:
    events = [{"eventId": "a"}, {"eventId": "b", "title": {}}, 5, {"eventId": "a"}, {"eventId": "c"}]
    answer = client.post("/collect", json=shape(kind, events))
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "success",
        "message": "5 events: 2 stored, 1 duplicate, 2 rejected",
        "events": [
            {"event_id": "a", "status": "stored"},
            {"event_id": "b", "status": "rejected", "reason": "wrong_type", "message": "title must be text."},
            {
                "event_id": None,
                "status": "rejected",
                "reason": "not_an_object",
                "message": "An event is a JSON object.",
            },
            {"event_id": "a", "status": "duplicate"},
            {"event_id": "c", "status": "stored"},
        ],
        "timestamp": "2026-03-05T12:00:00.123Z",
    }
    assert [event["event_id"] for event in stored_events(database)] == ["a", "c"]
    kept = {(row["reason"], row["payload"]) for row in failed_events(database)}
    assert kept == {("wrong_type", b'{"eventId":"b","title":{}}'), ("not_an_object", b"5")}


def test_one_poisoned_event_leaves_the_others_of_its_batch_alone(client: httpx.Client, database: Database) -> None:
    bodies = [
        case.values for case in REJECTED if case.values[1] != 400 or b"N" in case.values[0] or b"I" in case.values[0]
    ]
    good = (b'{"eventId":"good-%d"}' % number for number in count())
    pieces = [piece for body, _, _ in bodies for piece in (next(good), body)]
    answer = client.post("/collect", content=b'{"events": [' + b" , ".join(pieces) + b"]}")
    assert answer.status_code == 200
    told = [(each["status"], each.get("reason")) for each in answer.json()["events"]]
    assert told == [outcome for _, _, reason in bodies for outcome in (("stored", None), ("rejected", reason))]
    kept = Counter((row["reason"], row["payload"]) for row in failed_events(database))
    assert kept == Counter((reason, body[:MOST_EVENT_BYTES]) for body, _, reason in bodies)
    assert len(stored_events(database)) == len(bodies)


def test_a_batch_of_rejects_only_is_no_success(client: httpx.Client) -> None:
    answer = client.post("/collect", json=[1, 2])
    assert (answer.status_code, answer.json()["status"]) == (200, "error")
    assert client.post("/collect", json=[]).json()["message"] == "0 events"


def test_a_batch_says_once_when_it_was_sent(client: httpx.Client, database: Database) -> None:
    at = "2026-03-05T11:59:30Z"
    events = [{"eventId": "a", "timestamp": at}, {"eventId": "b", "timestamp": at, "sentAt": at}]
    client.post("/collect", json={"events": events, "sentAt": "2026-03-05T11:59:31Z"})
    assert [event["sent_at"] for event in stored_events(database)] == [AT.replace(second=31), AT]


def test_what_bounds_a_batch_holds_for_it_as_a_whole(client: httpx.Client, database: Database) -> None:
    wrong = 0
    for case in BATCHES:
        body, status = case.values
        for packed in (None, "gzip"):
            sent = gzip.compress(body) if packed else body
            answer = client.post("/collect", content=sent, headers={"Content-Encoding": packed} if packed else {})
            assert (case.id, answer.status_code, "events" in answer.json()) == (case.id, status, status == 200)
            wrong += status != 200
    failed = failed_events(database)
    assert len(failed) == wrong
    assert {row["site_id"] for row in failed} == {None}
    assert len(stored_events(database)) == 2 * (MOST_EVENTS + 1)


def test_one_large_event_of_a_batch_is_one_rejection(client: httpx.Client, database: Database) -> None:
    large = {"eventId": "large", "a": "x" * MOST_EVENT_BYTES}
    told = client.post("/collect", json=[{"eventId": "a"}, large, {"eventId": "b"}]).json()["events"]
    assert [each["status"] for each in told] == ["stored", "rejected", "stored"]
    (failed,) = failed_events(database)
    assert (failed["reason"], failed["event_id"], len(failed["payload"])) == ("too_large", "large", MOST_EVENT_BYTES)


def test_packed_bodies_are_unpacked_up_to_the_limit(client: httpx.Client, database: Database) -> None:
    for case in PACKED:
        body, encoding, status = case.values
        answer = client.post("/collect", content=body, headers={"Content-Encoding": encoding})
        assert (case.id, answer.status_code) == (case.id, status)
    assert len(stored_events(database)) == 1
    assert len(failed_events(database)) == sum(case.values[2] != 200 for case in PACKED)


def test_the_pixel_stores_an_event_and_shows_nothing(client: httpx.Client, database: Database) -> None:
    query = "eventId=p&siteId=shop&visitorId=v&eventType=open&title=%C3%84+b&utm_source=mail&utm_campaign=&plan=1"
    answer = client.get("/collect?" + query, headers={"Referer": "https://shop.example/a"})
    assert (answer.status_code, answer.content) == (200, GIF)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("image/gif", "no-store")
    (event,) = stored_events(database)
    told = {name: event[name] for name in ("event_id", "site_id", "visitor_id", "event_type", "title", "url", "source")}
    assert list(told.values()) == ["p", "shop", "v", "open", "Ä b", "https://shop.example/a", "pixel"]
    assert event["payload"] == {"attribution": {"utmParams": {"source": "mail"}}, "plan": "1"}


def test_a_pixel_that_is_rejected_is_kept_and_still_a_picture(client: httpx.Client, database: Database) -> None:
    assert client.get("/collect?siteId=s&title=%00").content == GIF
    assert client.get("/collect?a=" + "x" * MOST_EVENT_BYTES).content == GIF
    assert sorted(row["reason"] for row in failed_events(database)) == ["text_not_storable", "too_large"]
    assert {row["source"] for row in failed_events(database)} == {"pixel"}
    assert client.head("/collect").status_code == 405


def test_an_unknown_site_is_rejected_where_sites_are_not_registered_by_themselves(
    serve: Serve, database: Database, database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    client = serve(lambda: database_urls.app, settings_in(tmp_path, collect_auto_register_sites=False))
    answer = client.post("/collect", json={"siteId": "nobody"})
    assert (answer.status_code, answer.json()["status"]) == (422, "error")
    (failed,) = failed_events(database)
    assert (failed["reason"], failed["site_id"], failed["client_address"]) == ("unknown_site", "nobody", "127.0.0.0/24")
    sites.create(database, "nobody", {}, by="test", at=NOW)
    assert client.post("/collect", json={"siteId": "nobody"}).status_code == 200


def test_without_the_database_events_are_accepted_on_the_disk(serve: Serve) -> None:
    client = serve(away)
    answer = client.post("/collect", json={"eventId": "a"})
    assert (answer.status_code, answer.json()["message"]) == (200, "Event accepted")
    told = client.post("/collect", json=[{"eventId": "b"}, 5]).json()["events"]
    assert [each["status"] for each in told] == ["accepted", "rejected"]
    assert client.get("/collect").content == GIF


def test_without_a_place_for_them_events_are_not_acknowledged(serve: Serve, tmp_path: Path) -> None:
    client = serve(away, settings_in(tmp_path, spool_max_bytes=0))
    unable = {"status": "error", "message": "Event processing failed"}
    for answer in (
        client.post("/collect", json={}),
        client.post("/collect", json=[{}, {}]),
        client.post("/collect", content=b"{"),
        client.get("/collect"),
    ):
        assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (503, unable, "5")


def test_pages_of_a_site_may_read_answers_and_others_are_refused(client: httpx.Client, database: Database) -> None:
    sites.create(database, "own", {"allowed_origins": ["https://own.example"]}, by="test", at=NOW)

    def posted(site: str, origin: str) -> tuple[int, str | None]:
        answer = client.post("/collect", json={"siteId": site}, headers={"Origin": origin})
        return answer.status_code, answer.headers.get("access-control-allow-origin")

    assert posted("own", "https://own.example") == (200, "https://own.example")
    assert posted("own", "https://other.example") == (422, None)
    assert posted("any", "https://other.example") == (200, "*")
    (failed,) = failed_events(database)
    assert (failed["reason"], failed["site_id"]) == ("origin_not_allowed", "own")
    assert client.post("/collect", json={"siteId": "own"}).status_code == 200


def test_who_opts_out_of_a_site_that_honours_it_leaves_nothing(client: httpx.Client, database: Database) -> None:
    sites.create(database, "quiet", {"honours_opt_out": True}, by="test", at=NOW)
    body = {"siteId": "quiet", "visitorId": "v", "eventId": "e"}
    for headers in ({"Sec-GPC": "1"}, {"DNT": "1"}):
        assert client.post("/collect", json=body, headers=headers).status_code == 422
    assert client.post("/collect", json={**body, "siteId": "loud"}, headers={"DNT": "1"}).status_code == 200
    assert client.post("/collect", json=body, headers={"DNT": "0"}).status_code == 200
    for row in failed_events(database):
        assert (row["reason"], row["payload"]) == ("opted_out", b"")
        kept = ("event_id", "visitor_id", "visitor_id_before", "client_address", "user_agent")
        assert {row[name] for name in kept} == {None}


def test_only_a_trusted_proxy_says_who_sent_an_event(
    serve: Serve, database: Database, database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    spoofed = {
        "X-Forwarded-For": "198.51.100.7, 203.0.113.9",
        "Forwarded": "for=198.51.100.7",
        "X-Real-IP": "198.51.100.7",
    }
    plain = serve(lambda: database_urls.app)
    plain.post("/collect", json={"eventId": "a"}, headers=spoofed)
    behind = serve(lambda: database_urls.app, settings_in(tmp_path / "b", trusted_proxies="127.0.0.0/8"))
    behind.post("/collect", json={"eventId": "b"}, headers=spoofed)
    assert [event["client_address"] for event in stored_events(database)] == ["127.0.0.0/24", "203.0.113.0/24"]


def test_a_site_says_what_is_kept_of_an_address(client: httpx.Client, database: Database) -> None:
    for mode in ("full", "truncated", "none"):
        sites.create(database, mode, {"address_mode": mode}, by="test", at=NOW)
        client.post("/collect", json={"siteId": mode, "eventId": mode})
    kept = {event["site_id"]: event["client_address"] for event in stored_events(database)}
    assert kept == {"full": "127.0.0.1", "truncated": "127.0.0.0/24", "none": None}
