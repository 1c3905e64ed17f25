"""The newest visits, and how few days are looked at for them."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.generation.lease import Lease
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.operations.recent_sessions import recent_sessions
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.web_events.tables import SESSIONS
from analytics_pipelines_tests.web_events.receipts import rows_of

FIRST = datetime(2026, 11, 18, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def visit(name: str, at: datetime, site: str = "shop") -> dict:
    plain = {"source": "direct", "channel": "Direct", "device": "desktop", "is_bot": False, "is_cut": False}
    counts = {"duration_s": 60, "pageviews": 2, "events": 2, "conversions": 0, "is_bounce": False, "is_engaged": True}
    return (
        plain
        | counts
        | {
            "visit_date": at.date(),
            "site_id": site,
            "session_id": name,
            "visitor_id": "anna",
            "started_at": at,
            "ended_at": at + timedelta(minutes=1),
        }
    )


@pytest.fixture
def opened(settings, lake):
    def publish(*days: list[dict]) -> Lease:
        for number, rows in enumerate(days):
            day = (FIRST + number * DAY).date()
            lake.replace(SESSIONS, day, Select(Sql("SELECT * FROM given"), {"given": rows_of(SESSIONS, rows)}))
        build_generation(settings, lake, TABLES)
        folders = GenerationFolders.of(settings.home)
        return Lease.open(folders.folder(folders.current_id()), settings)

    return publish


@pytest.mark.parametrize(("limit", "expected"), [(1, "d"), (2, "dc"), (3, "dcb"), (4, "dcba"), (9, "dcba")])
def test_the_newest_come_first_from_as_many_days_as_it_takes(opened, limit: int, expected: str) -> None:
    lease = opened(
        [visit("a", FIRST)],
        [],
        [visit("b", FIRST + 2 * DAY)],
        [visit("d", FIRST + 3.1 * DAY), visit("c", FIRST + 3 * DAY)],
    )
    assert "".join(each.session_id for each in recent_sessions(lease, limit)) == expected
    lease.close()


def test_visits_of_one_moment_have_an_order(opened) -> None:
    lease = opened([visit("b", FIRST), visit("a", FIRST), visit("c", FIRST, site="a site")])
    assert [each.session_id for each in recent_sessions(lease, 3)] == ["c", "a", "b"]
    lease.close()


def test_a_generation_without_visits_has_none(opened) -> None:
    lease = opened()
    assert recent_sessions(lease, 5) == []
    lease.close()
