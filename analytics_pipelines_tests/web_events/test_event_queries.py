"""What PostgreSQL tells of the event log: the newest, the totals, the rejects."""

from datetime import timedelta

import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events import event_queries
from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.event_queries import (
    BadCursor,
    event_totals,
    failed_events,
    masked,
    recent_events,
)
from analytics_pipelines_tests.web_events.logged import DAY, NOON, event, failed, write_events, write_failed

NEXT = NOON + timedelta(days=1)


def test_the_newest_events_come_first_over_days_and_within_a_moment(database: Database) -> None:
    rows = [event("old"), event("first", received_at=NEXT), event("second", received_at=NEXT)]
    write_events(database, rows)
    assert [each.event_id for each in recent_events(database, None, 50)] == ["second", "first", "old"]
    assert [each.event_id for each in recent_events(database, None, 1)] == ["second"]


def test_recent_events_can_be_of_one_site(database: Database) -> None:
    write_events(database, [event("a"), event("b", site_id="other")])
    assert [each.event_id for each in recent_events(database, "other", 50)] == ["b"]
    assert recent_events(database, "none", 50) == []


@pytest.mark.parametrize(
    ("payload", "properties"),
    [
        pytest.param({"properties": {"plan": "pro", "n": 1.5}}, {"plan": "pro", "n": 1.5}, id="an object"),
        pytest.param({"properties": ["a"]}, {}, id="a list"),
        pytest.param({"properties": None}, {}, id="null"),
        pytest.param({"other": 1}, {}, id="none"),
    ],
)
def test_properties_are_those_of_the_client(database: Database, payload: object, properties: object) -> None:
    write_events(database, [event(payload=payload, url="https://shop.example/a", session_id="s")])
    (found,) = recent_events(database, None, 50)
    assert found.properties == properties
    assert (found.url, found.path, found.session_id, found.visitor_id) == ("https://shop.example/a", None, "s", "v")


def test_totals_are_told_by_type_by_site_and_by_day(database: Database) -> None:
    write_events(
        database,
        [
            event("a"),
            event("b", received_at=NEXT),
            event("c", site_id="other", event_type="click"),
            event("d", site_id="other", event_type="pageview", received_at=NEXT),
            event("e", site_id="other", event_type="buy", received_at=NEXT.replace(hour=23, minute=59)),
        ],
    )
    found = event_totals(database)
    assert found.total == 5
    assert list(found.by_type.items()) == [("pageview", 3), ("buy", 1), ("click", 1)]
    assert list(found.by_site.items()) == [("other", 3), ("shop", 2)]
    assert list(found.by_day.items()) == [(DAY, 2), (DAY + timedelta(days=1), 3)]
    assert event_totals(database, "shop").by_day == {DAY: 1, DAY + timedelta(days=1): 1}
    assert event_totals(database, None, DAY + timedelta(days=1)).total == 3
    assert event_totals(database, None, None, DAY).by_type == {"pageview": 1, "click": 1}


def test_without_events_all_totals_are_empty(database: Database) -> None:
    found = event_totals(database)
    assert (found.total, found.by_type, found.by_site, found.by_day) == (0, {}, {}, {})


def test_only_the_most_frequent_names_are_told_and_the_total_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_queries, "MOST_NAMES", 2)
    types = ["rare", "often", "often", "often", "some", "some"]
    rows = [event(str(number), event_type=kind, site_id=kind) for number, kind in enumerate(types)]
    write_events(database, [*rows, event("later", event_type="often", received_at=NEXT)])
    found = event_totals(database)
    assert found.by_type == {"often": 4, "some": 2}
    assert found.by_site == {"often": 3, "some": 2}
    assert (found.total, len(found.by_day)) == (7, 2)


def test_rejects_are_paged_newest_first_without_gap_or_repetition(database: Database) -> None:
    write_failed(
        database, [failed(f"f{number}", received_at=NOON + timedelta(seconds=number // 3)) for number in range(8)]
    )
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = failed_events(database, limit=3, cursor=cursor)
        seen += [each.failed_id for each in page.events]
        cursor = page.next_cursor
        if cursor is None:
            break
        assert len(page.events) == 3
    assert seen == ["f7", "f6", "f5", "f4", "f3", "f2", "f1", "f0"]


def test_a_last_page_that_is_full_has_no_next_one(database: Database) -> None:
    write_failed(database, [failed("a"), failed("b")])
    assert failed_events(database, limit=2).next_cursor is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({}, ["no site", "next", "old", "other"], id="all"),
        pytest.param({"site": "other"}, ["other"], id="a site"),
        pytest.param({"reason": Reason.BROKEN_JSON}, ["no site"], id="a reason"),
        pytest.param({"first": DAY + timedelta(days=1)}, ["no site", "next"], id="from a day"),
        pytest.param({"last": DAY}, ["old", "other"], id="up to a day"),
        pytest.param({"first": DAY, "last": DAY, "site": "shop"}, ["old"], id="a day of a site"),
    ],
)
def test_rejects_are_chosen_by_site_reason_and_days(
    database: Database, asked: dict[str, object], expected: list[str]
) -> None:
    write_failed(
        database,
        [
            failed("old"),
            failed("next", received_at=NEXT),
            failed("other", site_id="other", received_at=NOON - timedelta(hours=12)),
            failed("no site", site_id=None, reason="broken_json", received_at=NEXT + timedelta(hours=11, minutes=59)),
        ],
    )
    assert [each.failed_id for each in failed_events(database, limit=9, **asked).events] == expected


def test_a_reject_shows_the_beginning_of_what_came_without_addresses(database: Database) -> None:
    payload = b'203.0.113.7 - - [17/May/2015:10:05:03] "GET /" \xff' + b"x" * 3_000
    write_failed(database, [failed(payload=payload, line_number=7, source="log", outcome="rejected", replayed_at=NEXT)])
    (found,) = failed_events(database, limit=1).events
    assert found.payload.startswith('[address] - - [17/May/2015:10:05:03] "GET /" \\xffxxx')
    assert (len(found.payload), found.size_bytes) == (2_000, len(payload))
    assert (found.line_number, found.source, found.outcome, found.replayed_at) == (7, "log", "rejected", NEXT)


@pytest.mark.parametrize("cursor", ["x", "bm9uZQ==", "ÿ", "MjAyNi0xMy0wMQ=="])
def test_a_cursor_that_is_none_of_ours_is_refused(database: Database, cursor: str) -> None:
    with pytest.raises(BadCursor):
        failed_events(database, limit=1, cursor=cursor)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("203.0.113.7 -", "[address] -", id="IPv4"),
        pytest.param("ip:203.0.113.7:8080", "ip:[address]:8080", id="with a port"),
        pytest.param('{"ip":"2001:db8::7"}', '{"ip":"[address]"}', id="IPv6"),
        pytest.param("[2001:db8::7]:80", "[[address]]:80", id="in brackets"),
        pytest.param("::ffff:203.0.113.7", "[address]", id="mapped"),
        pytest.param("seen 203.0.113.7.", "seen [address].", id="at the end of a sentence"),
        pytest.param("10:05:03", "10:05:03", id="a time"),
        pytest.param("2026-05-17T10:05:03+00:00", "2026-05-17T10:05:03+00:00", id="a moment"),
        pytest.param("999.1.1.1", "999.1.1.1", id="no address"),
        pytest.param("Firefox/144.0", "Firefox/144.0", id="a version"),
    ],
)
def test_addresses_are_masked_and_nothing_else(text: str, expected: str) -> None:
    assert masked(text) == expected
