"""Events that were taken while PostgreSQL was away are judged again when it is back."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.intake.batch import Item
from analytics_pipelines.web_events.intake.read_event import read_event
from analytics_pipelines.web_events.intake.receipts import Refusal
from analytics_pipelines.web_events.intake.settle import as_sent, settled
from analytics_pipelines.web_events.suppress import suppress
from analytics_pipelines_tests.web_events.intake.items import AT, over, receipt, refusal


def settle(urls: DatabaseUrls, items: list[Item], *, registers_sites: bool = False) -> list[Item]:
    return asyncio.run(
        over(urls, lambda connection: settled(connection, items, registers_sites=registers_sites, at=AT))
    )


def test_events_of_known_sites_stay_what_they_are(database: Database, database_urls: DatabaseUrls) -> None:
    sites.create(database, "s", {}, by="test", at=AT)
    items = [receipt("a"), refusal("f"), refusal("g", site_id=None)]
    assert settle(database_urls, items) == items


def test_an_event_of_a_site_that_is_none_becomes_a_refusal_the_same_again(database_urls: DatabaseUrls) -> None:
    item = receipt("a", visitor_id="v", client_address="192.0.2.0/24")
    (found,), again = settle(database_urls, [item]), settle(database_urls, [item])
    assert isinstance(found, Refusal)
    assert [found] == again
    assert (found.reason, found.site_id, found.event_id, found.visitor_id) == (Reason.UNKNOWN_SITE, "s", "a", "v")
    assert json.loads(found.payload)["properties"] == {"plan": "free"}
    assert settle(database_urls, [refusal("f")]) == [refusal("f")]


def test_it_is_registered_where_sites_are(database: Database, database_urls: DatabaseUrls) -> None:
    items: list[Item] = [receipt("a"), refusal("f", site_id="no event")]
    assert settle(database_urls, items, registers_sites=True) == items
    assert [site.site_id for site in sites.list_sites(database)] == ["s"]


@pytest.mark.parametrize("given", [{"visitor_id": "erased"}, {"visitor_id": "v", "visitor_id_before": "erased"}])
def test_of_a_visitor_who_was_erased_meanwhile_nothing_is_kept(
    database: Database, database_urls: DatabaseUrls, given: dict[str, Any]
) -> None:
    sites.create(database, "s", {}, by="test", at=AT)
    with database.writing() as connection:
        suppress(connection, "s", sites.visitor_key(connection, "s"), ["erased"], AT)
    found = settle(database_urls, [receipt("a", **given), refusal("f", event_id="e", user_agent="x", **given)])
    for each in found:
        assert isinstance(each, Refusal)
        assert (each.reason, each.payload, each.site_id) == (Reason.SUPPRESSED, b"", "s")
        personal = ("event_id", "visitor_id", "visitor_id_before", "client_address", "user_agent")
        assert {getattr(each, name) for name in personal} == {None}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"siteId": "s", "eventId": "e"}, id="little"),
        pytest.param(
            {
                "siteId": "s",
                "eventId": "e",
                "eventType": "t",
                "visitorId": "v",
                "sessionId": "z",
                "timestamp": "2026-03-05T11:00:00+00:00",
                "sentAt": "2026-03-05T11:00:01+00:00",
                "url": "/a",
                "path": "/a",
                "referrer": "r",
                "title": "ä",
                "properties": {"big": 10**30},
            },
            id="everything",
        ),
        pytest.param(
            {"siteId": "s", "eventId": "e", "timestamp": "x", "sentAt": "y", "b": 1}, id="times that are none"
        ),
    ],
)
def test_an_event_in_the_words_of_its_sender_is_read_as_the_same(content: dict[str, object]) -> None:
    first = read_event(content, AT, "collect")
    again = read_event(json.loads(as_sent(first)), AT, "collect")
    assert json.loads(again.payload) == json.loads(first.payload)
    again.payload = first.payload
    assert again == first
    assert read_event(json.loads(as_sent(first)), AT + timedelta(days=1), "collect").event_id == "e"


def test_a_derived_visitor_is_not_told_as_the_clients_own() -> None:
    assert b"visitorId" not in as_sent(receipt("a", flags=("visitor_derived",)))
    assert b'"visitorId":"v"' in as_sent(receipt("a"))
