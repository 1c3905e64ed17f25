"""The unmodified Python library of Segment sends through us, and every error is one that it understands."""

import base64
import gzip as packing
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from segment.analytics.client import Client
from segment.analytics.request import APIError

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.event import MOST_EVENT_BYTES
from analytics_pipelines.web_events.routes.segment import PATHS
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.web_events.conftest import NOW, Serve, away
from analytics_pipelines_tests.web_events.stored import failed_events, stored_events


def key_of(database: Database, site_id: str = "shop") -> str:
    return str(sites.create(database, site_id, {}, by="test", at=NOW).write_key)


def library(client: httpx.Client, key: str, **given: Any) -> Client:
    return Client(key, host=str(client.base_url), max_retries=0, **given)


@pytest.mark.parametrize("gzip", [False, True])
@pytest.mark.parametrize("sync_mode", [False, True])
def test_the_unmodified_library_sends_every_kind_of_message(
    client: httpx.Client, database: Database, gzip: bool, sync_mode: bool
) -> None:
    errors: list[object] = []
    sender = library(
        client, key_of(database), gzip=gzip, sync_mode=sync_mode, on_error=lambda *each: errors.append(each)
    )
    at = datetime(2026, 3, 5, 11, 59, tzinfo=UTC)
    sender.track("u", "Bought", {"price": 1}, {"campaign": {"source": "mail"}}, at, message_id="1")
    sender.page("u", "blog", "Home", {"url": "https://a/", "title": "T"}, anonymous_id="anon", message_id="2")
    sender.screen("u", "app", "Main", message_id="3")
    sender.identify("u", {"plan": "free"}, message_id="4")
    sender.group("u", "g", {"size": 5}, message_id="5")
    sender.alias("old", "u", message_id="6")
    if not sync_mode:
        sender.flush()
        sender.join()
    assert errors == []
    events = stored_events(database)
    assert [event["event_type"] for event in events] == ["Bought", "pageview", "screen", "identify", "group", "alias"]
    assert [event["visitor_id"] for event in events] == ["u", "anon", "u", "u", "u", "u"]
    assert {(event["site_id"], event["source"]) for event in events} == {("shop", "segment")}
    bought, page = events[:2]
    assert (bought["event_at"], bought["payload"]["properties"]) == (at, {"price": 1})
    assert bought["payload"]["attribution"] == {"utmParams": {"source": "mail"}}
    assert bought["sent_at"] - datetime.now(UTC) < timedelta(minutes=1)
    assert (page["url"], page["title"], page["payload"]["name"]) == ("https://a/", "T", "Home")
    assert events[3]["payload"]["traits"] == {"plan": "free"}


def test_a_message_that_is_sent_twice_is_stored_once(client: httpx.Client, database: Database) -> None:
    sender = library(client, key_of(database), sync_mode=True)
    for _ in range(2):
        assert sender.track("u", "Bought", message_id="m")[0]
    assert len(stored_events(database)) == 1


def test_the_library_is_told_that_its_key_is_wrong(client: httpx.Client, database: Database) -> None:
    key_of(database)
    with pytest.raises(APIError) as caught:
        library(client, "shop", sync_mode=True).track("u", "Bought")
    assert (caught.value.status, caught.value.code) == (401, "wrong_key")
    (failed,) = failed_events(database)
    assert (failed["reason"], failed["site_id"], failed["source"]) == ("wrong_key", None, "segment")


def test_a_site_without_a_key_is_known_by_its_id(client: httpx.Client, database: Database) -> None:
    assert library(client, "new", sync_mode=True).track("u", "Bought")[0]
    assert client.post("/collect", json={"siteId": "older"}).status_code == 200
    assert library(client, "older", sync_mode=True).track("u", "Bought")[0]
    assert sorted(event["site_id"] for event in stored_events(database)) == ["new", "older", "older"]


@pytest.mark.parametrize("kind", ["track", "page", "screen", "identify", "group", "alias"])
def test_a_message_may_come_alone_on_the_route_of_its_kind(client: httpx.Client, database: Database, kind: str) -> None:
    body = {"writeKey": key_of(database), "anonymousId": "a", "messageId": "m", "event": "Bought", "type": "other"}
    answer = client.post("/v1/" + kind, json=body)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    (event,) = stored_events(database)
    expected = {"track": "Bought", "page": "pageview"}.get(kind, kind)
    assert (event["event_type"], event["visitor_id"], event["event_id"]) == (expected, "a", "m")
    assert "writeKey" not in event["payload"]


def test_the_clock_of_the_client_is_corrected_by_when_it_was_sent(client: httpx.Client, database: Database) -> None:
    key = key_of(database)
    message = {"type": "track", "event": "e", "userId": "u", "messageId": "m", "timestamp": "1999-01-01T00:00:00Z"}
    message["originalTimestamp"] = "2001-01-01T00:00:00Z"
    client.post("/v1/batch", json={"batch": [message], "sentAt": "2001-01-01T00:00:30Z", "writeKey": key})
    (event,) = stored_events(database)
    assert event["sent_at"] - event["event_at"] == timedelta(seconds=30)


def test_the_person_is_told_by_the_message_and_the_address_kept_as_the_site_says(
    client: httpx.Client, database: Database
) -> None:
    context = {"ip": "198.51.100.77", "userAgent": "Safari", "locale": "de"}
    messages = [{"type": "page", "messageId": "1", "context": context}, {"type": "page", "messageId": "2"}]
    client.post("/v1/batch", json={"batch": messages, "writeKey": key_of(database)})
    first, second = stored_events(database)
    assert (first["client_address"], first["user_agent"]) == ("198.51.100.0/24", "Safari")
    assert first["payload"]["context"] == {"userAgent": "Safari", "locale": "de"}
    assert (second["client_address"], second["user_agent"]) == ("127.0.0.0/24", "Firefox/144.0")
    assert first["visitor_id"] != second["visitor_id"]


def test_one_bad_message_leaves_the_others_of_its_batch_alone(client: httpx.Client, database: Database) -> None:
    good = b'{"type":"track","event":"e","userId":"u","messageId":"%d"}'
    bad = b'{"type":"track","event":{},"userId":"u","messageId":"bad"}'
    poison = b'{"type":"track","event":"\\u0000","messageId":"poison"}'
    body = (
        b'{"batch":['
        + b",".join([good % 1, bad, poison, good % 2, b"5"])
        + b'],"writeKey":"%s"}' % key_of(database).encode()
    )
    answer = client.post("/v1/batch", content=body)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [event["event_id"] for event in stored_events(database)] == ["1", "2"]
    kept = {row["reason"]: json.loads(row["payload"]) for row in failed_events(database)}
    assert set(kept) == {"wrong_type", "text_not_storable", "not_an_object"}
    assert kept["wrong_type"]["siteId"] == "shop", "in the words of /collect, so that a replay can read it"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        pytest.param("/v1/batch", b"{", 400, "broken_json", id="broken JSON"),
        pytest.param("/v1/batch", b"{}", 400, "not_an_object", id="no batch"),
        pytest.param("/v1/track", b'{"batch": []}', 400, "not_an_object", id="a batch on the route of one message"),
        pytest.param("/v1/track", b'{"writeKey": "k", "event": {}}', 400, "wrong_type", id="a bad message"),
        pytest.param("/v1/track", b'{"event": "e"}', 401, "wrong_key", id="no key"),
        pytest.param("/v1/track", b'{"a": "' + b"x" * MOST_EVENT_BYTES + b'"}', 413, "too_large", id="a large message"),
        pytest.param("/v1/batch", b'{"batch": [' + b"1," * 1000 + b"1]}", 413, "many_events", id="a long batch"),
        pytest.param("/v1/batch", b"x" * (2**20 + 1), 413, "too_large", id="a large batch"),
    ],
)
def test_errors_have_a_code_and_a_message(client: httpx.Client, path: str, body: bytes, status: int, code: str) -> None:
    answer = client.post(path, content=body)
    assert (answer.status_code, answer.json()["code"], set(answer.json())) == (status, code, {"code", "message"})


def test_packed_bodies_are_taken_on_every_route(client: httpx.Client) -> None:
    for path in PATHS:
        content = packing.compress(json.dumps({"batch": []} if path.endswith("batch") else {}).encode())
        key = {"Authorization": "Basic " + base64.b64encode(b"packed:").decode(), "Content-Encoding": "gzip"}
        assert client.post(path, content=content, headers=key).json() == {"success": True}


def test_without_a_place_for_them_messages_are_not_acknowledged(serve: Serve, tmp_path: Any) -> None:
    for client in (serve(away), serve(away, settings_in(tmp_path, spool_max_bytes=0))):
        answer = client.post("/v1/track", json={"writeKey": "k", "event": "e"})
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "5")


def test_a_worker_that_starts_without_postgresql_still_knows_the_keys(
    serve: Serve, database: Database, database_urls: DatabaseUrls
) -> None:
    key = key_of(database)
    serve(lambda: database_urls.app)
    later = serve(away)
    assert later.post("/v1/track", json={"writeKey": key, "event": "e"}).json() == {"success": True}
    assert later.post("/collect", json={"siteId": "shop"}).json()["message"] == "Event accepted"
