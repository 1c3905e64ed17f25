"""Events past the fence, touched days, and the age of the oldest of them."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations import unprocessed as counting
from analytics_pipelines.operations.unprocessed import unprocessed
from analytics_pipelines.web_events.fence import advance
from analytics_pipelines_tests.operations.visitors import NOON, receipt, store

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def test_with_nothing_stored_there_is_nothing_to_do(database: Database) -> None:
    found = unprocessed(database, NOW)
    assert (found.events, found.by_type, found.touched_days, found.lag_s) == (0, {}, (), 0)


def test_events_wait_until_the_fence_and_days_until_they_are_made(database: Database) -> None:
    store(database, [receipt("1", "anna"), receipt("2", "anna", event_type="click"), receipt("3", "anna")])
    found = unprocessed(database, NOW)
    assert (found.events, list(found.by_type.items())) == (3, [("pageview", 2), ("click", 1)])
    assert found.lag_s == (NOW - NOON).total_seconds()
    advance(database, NOW, late_event_days=3)
    found = unprocessed(database, NOW + timedelta(seconds=5))
    assert (found.events, found.lag_s) == (0, 5)
    assert [(each.touched_date, each.kind) for each in found.touched_days] == [
        (NOON.date(), "received"),
        (NOON.date(), "event"),
    ]


def test_an_imported_log_is_as_old_as_its_touch_and_not_as_its_lines(database: Database) -> None:
    store(database, [receipt("1", "anna", NOON - timedelta(days=900), source="log")])
    assert unprocessed(database, NOW).lag_s == 0
    advance(database, NOW, late_event_days=3)
    assert unprocessed(database, NOW + timedelta(seconds=9)).lag_s == 9


@pytest.mark.parametrize("most", [1, 2])
def test_only_so_many_types_are_named(database: Database, monkeypatch, most: int) -> None:
    monkeypatch.setattr(counting, "MOST_TYPES", most)
    store(database, [receipt(str(number), "anna", event_type="type " + str(number)) for number in range(3)])
    assert len(unprocessed(database, NOW).by_type) == most


def test_a_clock_behind_gives_no_negative_age(database: Database) -> None:
    store(database, [receipt("1", "anna", NOW + timedelta(minutes=1))])
    assert unprocessed(database, NOW).lag_s == 0
