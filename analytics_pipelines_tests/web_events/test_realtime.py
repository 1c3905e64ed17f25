"""The last minutes of a site, from a real PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events.log_tables import EVENT_LOG, SITE
from analytics_pipelines.web_events.realtime import Live, LivePage, Minutes, question, realtime, values_of
from analytics_pipelines.web_events.sites import UnknownSite

NOW = datetime(2026, 7, 2, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 7, 2, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 Firefox/144.0"


@pytest.fixture
def site(database: Database) -> Database:
    """A database with two sites and the partitions of three days."""
    with database.writing() as connection:
        for name in ("s", "t"):
            row = {"site_id": name, "name": name, "visitor_key": b"key", "created_at": NOW}
            connection.execute(sa.insert(SITE).values(row))
        for shift in (-1, 0, 1):
            connection.execute(sa.select(sa.func.web_events.create_partition(NOW.date() + timedelta(days=shift))))
    return database


def receive(database: Database, *events: dict[str, Any]) -> None:
    rows = [
        {
            "site_id": "s",
            "event_id": str(number),
            "event_type": "pageview",
            "visitor_id": "anna",
            "event_at": NOW,
            "received_at": NOW,
            "path": None,
            "url": "https://shop.example/a?x=1#y",
            "user_agent": FIREFOX,
            "source": "collect",
            "payload": {},
            "flags": [],
            "visitor_id_before": None,
        }
        | event
        for number, event in enumerate(events)
    ]
    with database.writing() as connection:
        connection.execute(sa.insert(EVENT_LOG), rows)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def test_a_quiet_site_has_nobody(site: Database) -> None:
    nobody = Minutes(0, 0, 0)
    assert realtime(site, "s", NOW) == Live(nobody, nobody, [])


def test_visitors_are_counted_once_and_by_how_long_ago_they_came(site: Database) -> None:
    receive(
        site,
        {"received_at": ago(1)},
        {"received_at": ago(2), "event_type": "click"},
        {"received_at": ago(5), "visitor_id": "ben"},
        {"received_at": ago(29.9), "visitor_id": "carl", "path": "/b"},
        {"received_at": ago(30), "visitor_id": "dora"},
        {"received_at": ago(1), "visitor_id": "elsa", "site_id": "t"},
        {"received_at": ago(-1), "visitor_id": "fritz"},
        {"received_at": ago(1), "visitor_id": "robot", "user_agent": "Googlebot/2.1"},
        {"received_at": ago(4), "visitor_id": "phone", "user_agent": "Android CUBOT X19", "event_type": "click"},
    )
    found = realtime(site, "s", NOW)
    assert found.few == Minutes(visitors=2, pageviews=1, events=3)
    assert found.many == Minutes(visitors=4, pageviews=3, events=5)
    assert found.pages == [LivePage("/a", visitors=2, pageviews=2), LivePage("/b", visitors=1, pageviews=1)]


@pytest.mark.parametrize(
    ("sent", "page"),
    [
        pytest.param({"url": "https://shop.example"}, "/", id="no path"),
        pytest.param({"url": "https://shop.example?q"}, "/", id="a query alone"),
        pytest.param({"url": "/a/b?c=/d"}, "/a/b", id="a target"),
        pytest.param({"path": "/a#b"}, "/a", id="a path wins"),
    ],
)
def test_a_page_is_its_path(site: Database, sent: dict[str, Any], page: str) -> None:
    receive(site, sent)
    assert [each.page for each in realtime(site, "s", NOW).pages] == [page]


def test_at_most_ten_pages_are_told(site: Database) -> None:
    receive(site, *({"path": f"/{number % 12}"} for number in range(20)))
    pages = realtime(site, "s", NOW).pages
    assert [each.pageviews for each in pages] == [2] * 8 + [1] * 2


def test_a_derived_visitor_who_stays_over_midnight_is_one(site: Database) -> None:
    receive(
        site,
        {"received_at": MIDNIGHT - timedelta(minutes=2), "visitor_id": "old", "visitor_id_before": "older"},
        {"received_at": MIDNIGHT + timedelta(minutes=2), "visitor_id": "new", "visitor_id_before": "old"},
        {"received_at": MIDNIGHT + timedelta(minutes=2), "visitor_id": "other", "visitor_id_before": "absent"},
    )
    assert realtime(site, "s", MIDNIGHT + timedelta(minutes=3)).many.visitors == 2


@pytest.mark.parametrize("site_id", ["nobody", "", "a\0b", "a/b"])
def test_an_unknown_site_is_an_error(site: Database, site_id: str) -> None:
    with pytest.raises(UnknownSite):
        realtime(site, site_id, NOW)


@pytest.mark.parametrize(
    ("now", "days"),
    [pytest.param(NOW, ["20260702"], id="noon"), pytest.param(MIDNIGHT, ["20260701", "20260702"], id="midnight")],
)
def test_only_the_partitions_of_the_last_half_hour_are_read_and_by_index(
    site: Database, now: datetime, days: list[str]
) -> None:
    with site.reading() as connection:
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        plan = connection.execute(sa.text("EXPLAIN (FORMAT JSON) " + question()), values_of("s", now)).scalar_one()
    scans = list(scans_of(plan[0]["Plan"]))
    assert sorted({scan["Relation Name"] for scan in scans}) == ["event_log_" + day for day in days]
    assert all("received_at" in scan["Index Cond"] for scan in scans)


def scans_of(plan: dict[str, Any]) -> Any:
    if "Relation Name" in plan:
        below = plan.get("Plans") or [{}]
        yield {"Index Cond": below[0].get("Index Cond", "")} | plan
    for part in plan.get("Plans", ()):
        yield from scans_of(part)
