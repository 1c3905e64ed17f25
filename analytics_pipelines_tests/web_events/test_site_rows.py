from datetime import UTC, date, datetime

from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.site_rows import sites_of_the_day
from analytics_pipelines.web_events.tables import CORE_EVENTS, SITES
from analytics_pipelines_tests.web_events.receipts import rows_of

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
DAY = NOON.date()


def rows(lake, database, *site_ids: str) -> list[dict]:
    events = rows_of(CORE_EVENTS, [{"event_date": DAY, "site_id": each, "event_id": "e"} for each in site_ids])
    lake.replace(SITES, DAY, sites_of_the_day(conninfo(database.url), events, DAY))
    return lake.lazy(SITES, [DAY]).collect().to_dicts()


def test_exactly_the_sites_with_events_on_the_day_are_told_as_they_are(database, lake) -> None:
    settings = {"timezone": "Europe/Berlin", "gap_limit_s": 60, "conversion_events": ["buy", 'a"b'], "name": "Näme"}
    sites.create(database, "here", settings, by="test", at=NOON)
    sites.create(database, "plain", {}, by="test", at=NOON)
    sites.create(database, "elsewhere", {}, by="test", at=NOON)
    expected = {
        "event_date": date(2026, 3, 5),
        "site_id": "here",
        "name": "Näme",
        "timezone": "Europe/Berlin",
        "gap_limit_s": 60,
        "conversion_events": '["buy", "a\\"b"]',
    }
    plain = {"name": "plain", "timezone": "UTC", "gap_limit_s": 1800, "conversion_events": "[]"}
    assert rows(lake, database, "plain", "here", "here", "gone") == [
        expected,
        {"event_date": DAY, "site_id": "plain", **plain},
    ]


def test_another_sites_change_leaves_the_bytes_as_they_are(database, lake) -> None:
    for each in ("here", "elsewhere"):
        sites.create(database, each, {}, by="test", at=NOON)
    rows(lake, database, "here")
    before = lake.manifest(SITES, DAY)
    sites.change(database, "elsewhere", {"timezone": "Asia/Tokyo"}, by="test", at=NOON)
    rows(lake, database, "here")
    assert lake.manifest(SITES, DAY) == before


def test_a_day_without_events_has_no_site(database, lake) -> None:
    sites.create(database, "here", {}, by="test", at=NOON)
    assert rows(lake, database) == []
