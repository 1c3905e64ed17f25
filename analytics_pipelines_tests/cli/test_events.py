"""Rejects replayed from the shell, on a real PostgreSQL."""

import re

import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines_tests.cli.conftest import Analytics, Outcome
from analytics_pipelines_tests.web_events.logged import failed, write_failed
from analytics_pipelines_tests.web_events.stored import failed_events, stored_events

SHOP = b'{"siteId": "shop", "eventId": "%d"}'


@pytest.fixture
def replay(analytics: Analytics, database_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Analytics:
    """`analytics replay-failed …` on a migrated database."""
    monkeypatch.setenv("DATABASE_URL", database_urls.app)

    def run(*arguments: str) -> Outcome:
        return analytics("replay-failed", *arguments)

    return run


def test_rejects_of_a_site_that_is_made_afterwards_are_stored(
    replay: Analytics, analytics: Analytics, database: Database
) -> None:
    write_failed(
        database,
        [failed(str(number), payload=SHOP % number) for number in range(3)]
        + [failed("other", site_id="other", payload=b'{"siteId": "other"}'), failed("b", payload=b"{")],
    )
    before = replay()
    assert "5 tried: 0 stored, 0 known already, 5 rejected" in before.out
    assert re.search(r"unknown_site +4", before.out)
    assert re.search(r"broken_json +1", before.out)
    assert analytics("site", "create", "shop").status == 0
    foreseen = replay("--dry-run", "--site", "shop", "--reason", "unknown_site", "--limit", "2")
    assert "2 tried: 2 would be stored, 0 known already, 0 would be rejected" in foreseen.out
    assert stored_events(database) == []
    done = replay("--from", "2026-05-17", "--to", "2026-05-17")
    assert done.status == 0, done.err
    assert "5 tried: 3 stored, 0 known already, 2 rejected" in done.out
    assert [each["event_id"] for each in stored_events(database)] == ["0", "1", "2"]
    assert {each["outcome"] for each in failed_events(database)} == {"stored", "rejected"}
    assert "0 tried" in replay("--site", "shop", "--reason", "unknown_site").out


@pytest.mark.parametrize("arguments", [("--reason", "astrology"), ("--limit", "0"), ("--from", "yesterday")])
def test_a_choice_that_is_none_is_refused(replay: Analytics, arguments: tuple[str, str]) -> None:
    assert replay(*arguments).status == 2
