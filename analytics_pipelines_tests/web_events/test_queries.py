from contextlib import ExitStack
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import Duck, rows_of
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.web_events.queries import (
    DailyMetrics,
    EventCounts,
    counts,
    daily_metrics,
    event_days,
)
from analytics_pipelines.web_events.tables import DAILY_METRICS
from analytics_pipelines_tests.web_events.conftest import NOW
from analytics_pipelines_tests.web_events.logged import event, write_events
from analytics_pipelines_tests.web_events.table_rows import LIMITS
from analytics_pipelines_tests.web_events.table_rows import rows_of as arrow_rows


def figures(day: int, site: str) -> DailyMetrics:
    return DailyMetrics(date(2026, 3, day), site, 3, 1, 2, 4, 5, 6, 1.25, 50.0, 12.5, None, None)


class InMemory:
    """Stands for a lease: the same table on a DuckDB of the test's own."""

    def __init__(self, cursor: DuckDBPyConnection) -> None:
        self.cursor = cursor

    def rows(self, model: Any, query: Sql, **values: object) -> Any:
        return rows_of(self.cursor, model, query, values)


@pytest.mark.parametrize(
    ("site", "first", "last", "expected"),
    [
        pytest.param(None, 1, 31, [(1, "a"), (1, "b"), (2, "a")], id="all sites"),
        pytest.param("a", 1, 31, [(1, "a"), (2, "a")], id="one site"),
        pytest.param("a", 2, 2, [(2, "a")], id="one day"),
        pytest.param("none", 1, 31, [], id="no such site"),
    ],
)
def test_daily_metrics_are_of_the_site_and_days_asked_for(
    site: str | None, first: int, last: int, expected: list[tuple[int, str]]
) -> None:
    held = [asdict(figures(day, name)) for day, name in [(2, "a"), (1, "b"), (1, "a")]]
    with ExitStack() as stack:
        duck = Duck(LIMITS)
        stack.callback(duck.close)
        cursor = stack.enter_context(duck.cursor())
        arrow_rows(DAILY_METRICS, held).mount(cursor, DAILY_METRICS.name)
        found = daily_metrics(InMemory(cursor), site, date(2026, 3, first), date(2026, 3, last))
    assert found == [figures(day, name) for day, name in expected]


def test_the_event_log_is_counted_by_type_and_day(database: Database) -> None:
    assert counts(database) == EventCounts({}, 0)
    assert event_days(database) == []
    write_events(database, [event(kind + str(n), event_type=kind, received_at=NOW) for n, kind in enumerate("abb")])
    found = counts(database)
    assert (list(found.by_type.items()), found.stored, found.failed) == ([("b", 2), ("a", 1)], 3, 0)
    assert [(each.received_date, each.events) for each in event_days(database)] == [(NOW.date(), 3)]
