"""What a reject would become today, with what was kept of it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from analytics_pipelines.app import create_app
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal
from analytics_pipelines.web_events.rejudge import rejudged
from analytics_pipelines.web_events.replay import Choice, Rejected, replay
from analytics_pipelines.web_events.sites import visitor_key
from analytics_pipelines.web_events.suppress import suppress
from analytics_pipelines_tests.apps import Start, logs_as_before, start
from analytics_pipelines_tests.web_events.logged import NOON
from analytics_pipelines_tests.web_events.stored import stored_events

__all__ = ["logs_as_before", "start"]

LINE = b'192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "Firefox"'
EVENT = {"siteId": "shop", "eventType": "buy", "visitorId": "v1", "eventId": "e1", "url": "https://a.example/", "n": 1}


def row(payload: object = None, **given: Any) -> Rejected:
    """A reject of an unknown site; `payload` is written as JSON unless it is bytes."""
    content = EVENT if payload is None else payload
    values: dict[str, Any] = {
        "failed_id": "f1",
        "site_id": "shop",
        "source": "collect",
        "reason": Reason.UNKNOWN_SITE.value,
        "payload": content if isinstance(content, bytes) else json.dumps(content).encode(),
        "received_at": NOON,
        "event_id": None,
        "visitor_id": "derived",
        "visitor_id_before": "derived before",
        "client_address": "192.0.2.0/24",
        "user_agent": "Firefox",
    }
    return Rejected(**values | given)


def without(*fields: str) -> dict[str, object]:
    return {name: value for name, value in EVENT.items() if name not in fields}


def judged(database: Database, *rows: Rejected) -> list[Receipt | Refusal]:
    with database.writing() as connection:
        return rejudged(connection, rows)


def accepted(database: Database, given: Rejected) -> Receipt:
    (found,) = judged(database, given)
    assert isinstance(found, Receipt), found
    return found


def refused(database: Database, given: Rejected) -> Reason:
    (found,) = judged(database, given)
    assert isinstance(found, Refusal), found
    assert (found.failed_id, found.received_at, found.source) == (given.failed_id, given.received_at, given.source)
    return found.reason


@pytest.fixture
def shop(database: Database) -> sites.Site:
    """The site that was unknown when the events came."""
    return with_settings(database)


def with_settings(database: Database, **settings: object) -> sites.Site:
    return sites.create(database, "shop", settings, by="ann", at=NOON)


def test_an_event_of_a_site_that_exists_by_now_is_as_it_came(database: Database, shop: sites.Site) -> None:
    found = accepted(database, row())
    assert (found.site_id, found.event_id, found.event_type, found.visitor_id) == ("shop", "e1", "buy", "v1")
    assert (found.received_at, found.event_at, found.source) == (NOON, NOON, "collect")
    assert (found.visitor_id_before, found.flags, json.loads(found.payload)) == (None, (), {"n": 1})
    assert (found.client_address, found.user_agent) == ("192.0.2.0/24", "Firefox")


def test_a_site_that_is_still_unknown_stays_unknown(database: Database) -> None:
    assert refused(database, row()) is Reason.UNKNOWN_SITE


def test_a_visitor_without_an_id_is_whom_the_reject_was_noted_for(database: Database, shop: sites.Site) -> None:
    found = accepted(database, row(without("visitorId")))
    assert (found.visitor_id, found.visitor_id_before) == ("derived", "derived before")
    assert found.flags == ("visitor_derived",)


def test_of_whom_nothing_was_noted_is_a_visitor_of_one_event(database: Database, shop: sites.Site) -> None:
    lost = {"visitor_id": None, "visitor_id_before": None, "reason": Reason.WRONG_TYPE.value}
    first, again, other = (
        accepted(database, row(without("visitorId"), failed_id=failed_id, **lost)) for failed_id in ("a", "a", "b")
    )
    assert first.visitor_id == again.visitor_id != other.visitor_id
    assert first.visitor_id_before is None


@pytest.mark.parametrize(
    ("payload", "noted", "expected"),
    [
        pytest.param(EVENT, "ours", "e1", id="the client's id"),
        pytest.param(without("eventId"), "ours", "ours", id="the id that was given on receipt"),
        pytest.param(without("eventId"), None, "f1", id="the reject's own"),
    ],
)
def test_an_event_gets_the_same_id_at_every_replay(
    database: Database, shop: sites.Site, payload: object, noted: str | None, expected: str
) -> None:
    assert {accepted(database, row(payload, event_id=noted)).event_id for _ in range(2)} == {expected}


@pytest.mark.parametrize(
    ("mode", "kept", "stored"),
    [
        pytest.param("full", "192.0.2.7", "192.0.2.7", id="all that was kept"),
        pytest.param("full", "192.0.2.0/24", "192.0.2.0/24", id="a network stays one"),
        pytest.param("truncated", "192.0.2.7", "192.0.2.0/24", id="cut by now"),
        pytest.param("truncated", "192.0.2.0/24", "192.0.2.0/24", id="cut before"),
        pytest.param("none", "192.0.2.0/24", None, id="none by now"),
        pytest.param("truncated", None, None, id="none before"),
    ],
)
def test_an_address_is_stored_as_the_site_says_by_now(
    database: Database, mode: str, kept: str | None, stored: str | None
) -> None:
    with_settings(database, address_mode=mode)
    assert accepted(database, row(client_address=kept)).client_address == stored


@pytest.mark.parametrize("visitor", ["v1", "derived", "derived before"])
def test_a_visitor_who_was_erased_meanwhile_stays_away(database: Database, shop: sites.Site, visitor: str) -> None:
    with database.writing() as connection:
        suppress(connection, "shop", visitor_key(connection, "shop"), [visitor], NOON)
    payload = EVENT if visitor == "v1" else without("visitorId")
    assert refused(database, row(payload)) is Reason.SUPPRESSED


@pytest.mark.parametrize(
    ("honours", "visitor", "is_stored"),
    [
        pytest.param(True, None, False, id="came with an opt-out that the site honours"),
        pytest.param(False, None, True, id="came with an opt-out that the site ignores"),
        pytest.param(True, "derived", True, id="came without"),
    ],
)
def test_an_opt_out_that_came_before_the_site_is_honoured(
    database: Database, honours: bool, visitor: str | None, is_stored: bool
) -> None:
    with_settings(database, honours_opt_out=honours)
    (found,) = judged(database, row(visitor_id=visitor, visitor_id_before=None))
    assert isinstance(found, Receipt) is is_stored
    assert is_stored or found.reason is Reason.OPTED_OUT


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        pytest.param(b"{", Reason.BROKEN_JSON, id="half an object"),
        pytest.param(b"7", Reason.NOT_AN_OBJECT, id="a number"),
        pytest.param({"eventType": ["a"]}, Reason.WRONG_TYPE, id="a list as type"),
        pytest.param({"eventType": "x" * 101}, Reason.TOO_LONG, id="a long type"),
        pytest.param(b'{"a": "\\u0000"}', Reason.TEXT_NOT_STORABLE, id="NUL"),
        pytest.param(b'{"a": 1e999}', Reason.NUMBER_OUT_OF_RANGE, id="infinity"),
        pytest.param([EVENT, EVENT], Reason.MANY_EVENTS, id="a whole batch"),
        pytest.param([], Reason.MANY_EVENTS, id="an empty batch"),
    ],
)
def test_what_can_not_be_read_stays_a_reject(
    database: Database, shop: sites.Site, payload: object, reason: Reason
) -> None:
    assert refused(database, row(payload)) is reason


def test_a_segment_message_is_an_event_of_the_site_that_its_key_named(database: Database, shop: sites.Site) -> None:
    with database.writing() as connection:
        sites.register(connection, "default", NOON)
    assert accepted(database, row(source="segment")).site_id == "shop"
    nameless = row(EVENT | {"siteId": ""}, source="segment", site_id="default")
    assert refused(database, nameless) is Reason.WRONG_KEY
    assert refused(database, row({"batch": [EVENT]}, source="segment", site_id=None)) is Reason.WRONG_KEY


def test_an_event_that_names_no_site_is_of_the_default_one(database: Database) -> None:
    with database.writing() as connection:
        sites.register(connection, "default", NOON)
    assert accepted(database, row(without("siteId"), site_id="default")).site_id == "default"


def line(content: bytes, **given: Any) -> Rejected:
    lost = dict.fromkeys(("visitor_id", "visitor_id_before", "client_address", "user_agent"))
    return row(content, source="log", reason=Reason.MALFORMED_LINE.value, **lost | given)


def test_a_line_that_can_be_read_by_now_is_an_event_of_its_own_time(database: Database, shop: sites.Site) -> None:
    found = accepted(database, line(LINE))
    assert (found.event_id, found.source, found.received_at) == (
        "f1",
        "log",
        datetime(2015, 5, 17, 10, 5, 3, tzinfo=UTC),
    )
    assert (found.url, found.client_address, found.user_agent) == ("/", "192.0.2.0/24", "Firefox")
    with database.writing() as connection:
        suppress(connection, "shop", visitor_key(connection, "shop"), [found.visitor_id], NOON)
    assert refused(database, line(LINE)) is Reason.SUPPRESSED


def test_a_line_of_the_future_is_judged_as_of_its_import(database: Database, shop: sites.Site) -> None:
    assert refused(database, line(LINE, received_at=datetime(2015, 5, 1, tzinfo=UTC))) is Reason.MALFORMED_LINE
    assert accepted(database, line(LINE, received_at=datetime(2015, 5, 17, tzinfo=UTC))).event_type == "pageview"


def test_a_line_that_is_still_malformed_says_why(database: Database, shop: sites.Site) -> None:
    (found,) = judged(database, line(b"broken"))
    assert isinstance(found, Refusal)
    assert found.detail == "not in Combined or Common format"


def test_rejects_of_many_sites_are_judged_in_order(database: Database, shop: sites.Site) -> None:
    rows = [row(EVENT | {"siteId": site}, site_id=site, failed_id=site) for site in ("a", "shop", "b", "shop")]
    found = judged(database, *rows, row(b"{"), row(received_at=NOON + timedelta(days=1)))
    assert [isinstance(each, Receipt) for each in found] == [False, True, False, True, False, True]
    assert judged(database) == []


@pytest.mark.usefixtures("logs_as_before")
def test_what_the_doors_turned_away_is_stored_once_its_site_exists(
    database: Database, database_urls: DatabaseUrls, settings: Settings, start: Start
) -> None:
    url = SecretStr(database_urls.app)
    guarded = settings.model_copy(update={"database_url": url, "collect_auto_register_sites": False})
    client = start(create_app(guarded.model_copy(update={"log_level": "WARNING"})))
    assert client.post("/collect", json=EVENT).status_code == 422
    batch = {"events": [without("visitorId", "eventId"), EVENT | {"eventId": "e2"}]}
    assert client.post("/collect", json=batch).status_code == 200
    assert client.get("/collect?siteId=shop&eventType=view&utm_source=x").status_code == 200
    with_settings(database)
    done = replay(database, rejudged, Choice(), at=now())
    assert (done.tried, done.stored, done.reasons) == (4, 4, {})
    stored = stored_events(database)
    assert sorted(event["event_type"] for event in stored) == ["buy", "buy", "buy", "view"]
    assert {"e1", "e2"} < {event["event_id"] for event in stored}
    derived = {event["visitor_id"] for event in stored if event["flags"] == ["visitor_derived"]}
    assert len(derived) == 1
    assert {event["source"] for event in stored} == {"collect", "pixel"}
    (balance,) = client.get("/events/reconcile").json()["days"]
    assert (balance["site_id"], balance["received"], balance["stored"], balance["rejected"]) == ("shop", 4, 4, 0)
    assert balance["is_balanced"]
    assert balance["differences"] == []
    assert client.post("/collect", json=EVENT).json()["event_id"] == "e1"
