"""The whole road on a real database and lake: events in PostgreSQL become daily metrics through Dagster."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from analytics_pipelines.dagster_kit.partitions import daily
from analytics_pipelines.dagster_kit.world import WORLD, open_world, world_resource
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.web_events.assets import assets, draw_visits
from analytics_pipelines.web_events.import_log import import_log
from analytics_pipelines.web_events.tables import CORE_EVENTS, DAILY_METRICS, RAW_EVENTS, SESSIONS, TABLES
from analytics_pipelines_tests.conftest import settings_in

SUNDAY = date(2015, 5, 17)
LAST = SUNDAY + timedelta(days=3)
LINE = '192.0.2.{host} - - [{at}] "GET {path} HTTP/1.1" 200 5 "-" "Firefox"\n'
REAL_LOG = Path(__file__).parents[3] / "shared" / "data" / "apache_logs" / "apache_logs"


@pytest.fixture
def home(tmp_path: Path, database_urls: DatabaseUrls) -> Settings:
    return settings_in(tmp_path / "home", database_url=database_urls.app, lake_start_date=SUNDAY - timedelta(days=9))


def run(settings: Settings, first: date, last: date) -> Any:
    tags = {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }
    return dg.materialize(assets(daily(settings)), resources={WORLD: world_resource(settings)}, tags=tags)


def lake_rows(settings: Settings) -> dict[str, Any]:
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        return {table.name: lake.lazy(table, lake.days(table)).collect().to_dicts() for table in TABLES}
    finally:
        lake.duck.close()


def test_an_imported_log_becomes_visits_and_metrics(database: Database, home: Settings, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    times = ["17/May/2015:23:50:00 +0000", "18/May/2015:00:10:00 +0000", "18/May/2015:12:00:00 +0000"]
    log.write_text("".join(LINE.format(host=7, at=at, path="/p") for at in times))
    import_log(database, log, "shop")
    assert run(home, SUNDAY, LAST).success
    found = lake_rows(home)
    assert [len(found[table.name]) for table in (RAW_EVENTS, CORE_EVENTS, SESSIONS, DAILY_METRICS)] == [3, 3, 2, 2]
    assert sorted((row["visit_date"].day, row["events"]) for row in found[SESSIONS.name]) == [(17, 2), (18, 1)]
    assert [(row["metric_date"].day, row["visits"], row["pageviews"]) for row in found[DAILY_METRICS.name]] == [
        (17, 1, 1),
        (18, 1, 2),
    ]


def test_days_without_events_are_left_alone_and_have_no_picture(home: Settings) -> None:
    assert run(home, SUNDAY, LAST).success
    assert all(rows == [] for rows in lake_rows(home).values())
    with open_world(home) as world:
        assert draw_visits(world, [SUNDAY]) is None
        assert draw_visits(world, []) is None


def test_the_real_log_goes_through_to_daily_metrics(database: Database, home: Settings) -> None:
    if not REAL_LOG.exists():
        pytest.skip("the sample log is not on this machine")
    report = import_log(database, REAL_LOG, "semicomplete")
    assert run(home, SUNDAY, LAST).success
    found = lake_rows(home)
    assert Counter(row["event_date"] for row in found[CORE_EVENTS.name]) == Counter(report.days)
    metrics = found[DAILY_METRICS.name]
    assert [row["metric_date"] for row in metrics] == list(report.days)
    assert sum(row["events"] for row in metrics) == sum(not row["is_bot"] for row in found[CORE_EVENTS.name])
    assert sum(row["visits"] for row in metrics) == sum(not row["is_bot"] for row in found[SESSIONS.name])
    assert all(0 < row["bounce_rate_pct"] < 100 for row in metrics)
    with open_world(home) as world:
        assert (draw_visits(world, list(report.days)) or b"").startswith(b"\x89PNG")
