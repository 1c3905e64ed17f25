"""Touched days made in this process, those that depend on them too, and forgotten once they are made."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics_pipelines.cli.materialize import RunFailed, Runs
from analytics_pipelines.cli.touched import make_touched
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.web_events.fence import advance, touched
from analytics_pipelines.web_events.tables import DAILY_METRICS, RAW_EVENTS
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.operations.visitors import receipt, store

pytestmark = pytest.mark.timeout(300)
DAY = timedelta(days=1)
NOON = datetime.combine(now().date() - 2 * DAY, datetime.min.time(), UTC) + timedelta(hours=12)


@pytest.fixture
def made(settings, database_urls, database, lake):
    connected = settings_in(settings.home.path, database_url=database_urls.app)
    runs = Runs(connected, database)

    def make():
        advance(database, now(), late_event_days=3)
        return make_touched(connected, database, runs)

    return make


def returning(lake) -> dict:
    rows = lake.lazy(DAILY_METRICS, lake.days(DAILY_METRICS)).collect().to_dicts()
    return {row["metric_date"]: row["returning_visitors"] for row in rows}


@pytest.mark.long
def test_days_are_made_and_forgotten_and_later_metrics_follow(made, database, lake) -> None:
    store(database, [receipt("2", "anna", NOON)])
    made()
    assert returning(lake) == {NOON.date(): 0}
    assert touched(database) == []
    old = NOON - 20 * DAY
    store(database, [receipt("3", "anna", old)])
    stretches = made()
    assert all(stretch.last < NOON.date() - 10 * DAY for stretch in stretches)
    assert returning(lake) == {old.date(): 0, NOON.date(): 1}
    assert old.date() in lake.days(RAW_EVENTS)
    assert made() == []


def test_days_that_could_not_be_made_stay_touched(made, database, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr("analytics_pipelines.web_events.assets.raw_events", broken)
    store(database, [receipt("2", "anna", NOON)])
    with pytest.raises(RunFailed, match="broken"):
        made()
    assert {each.day for each in touched(database)} == {NOON.date()}
