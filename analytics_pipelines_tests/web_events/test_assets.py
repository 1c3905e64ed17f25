"""The whole road on a real database and lake: events in PostgreSQL become daily metrics through Dagster."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from analytics_pipelines.dagster_kit.partitions import daily
from analytics_pipelines.dagster_kit.world import WORLD, open_world, world_resource
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.assets import assets, draw_visits
from analytics_pipelines.web_events.import_log import import_log
from analytics_pipelines.web_events.log_tables import DROPPED_DAY, EVENT_LOG
from analytics_pipelines.web_events.tables import (
    CORE_EVENTS,
    DAILY_BREAKDOWN,
    DAILY_METRICS,
    LATE_EVENTS,
    RAW_EVENTS,
    SESSIONS,
    SITES,
    TABLES,
    VISITORS,
)
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.web_events.log_rows import log_row, put

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
    made = assets(daily(settings), settings.late_event_days)
    return dg.materialize(made, resources={WORLD: world_resource(settings)}, tags=tags)


def lake_rows(settings: Settings) -> dict[str, Any]:
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        return {table.name: lake.lazy(table, lake.days(table)).collect().to_dicts() for table in TABLES}
    finally:
        lake.duck.close()


def partitions(settings: Settings) -> dict[str, list[tuple[int, int]]]:
    """Days of May 2015 and rows of each partition that there is."""
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        return {table.name: [(each.day.day, each.rows) for each in lake.manifests(table)] for table in TABLES}
    finally:
        lake.duck.close()


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2015, 5, day, hour, tzinfo=UTC)


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


def test_an_event_gives_every_table_its_row_and_neighbouring_days_no_partition(
    database: Database, home: Settings
) -> None:
    sites.create(database, "s", {}, by="test", at=at(1))
    late = log_row("late", at(18), event_at=at(14))
    put(database, log_row("a", at(18)), late)
    assert run(home, SUNDAY, LAST).success
    one = [(18, 1)]
    expected = dict.fromkeys((table.name for table in TABLES), one) | {RAW_EVENTS.name: [(18, 2)]}
    found = partitions(home)
    assert found.pop(DAILY_BREAKDOWN.name)[0][0] == 18
    expected.pop(DAILY_BREAKDOWN.name)
    assert found == expected
    rows = lake_rows(home)
    assert rows[LATE_EVENTS.name][0]["late_s"] == 4 * 86_400
    assert rows[SITES.name][0]["site_id"] == "s"


def test_a_sites_local_day_is_made_from_the_utc_days_around_it(database: Database, home: Settings) -> None:
    sites.create(database, "s", {"timezone": "Pacific/Auckland"}, by="test", at=at(1))
    put(database, log_row("a", at(18, 13)))
    assert run(home, SUNDAY, LAST).success
    found = partitions(home)
    assert [found[each.name] for each in (CORE_EVENTS, SESSIONS)] == [[(18, 1)], [(18, 1)]]
    assert [found[each.name] for each in (VISITORS, DAILY_METRICS)] == [[(19, 1)], [(19, 1)]]


def test_events_that_are_gone_vanish_from_every_table(database: Database, home: Settings) -> None:
    sites.create(database, "s", {}, by="test", at=at(1))
    put(database, log_row("a", at(18)), log_row("b", at(19)))
    assert run(home, SUNDAY, LAST).success
    with database.writing() as connection:
        connection.execute(sa.delete(EVENT_LOG).where(EVENT_LOG.c.event_id == "a"))
    assert run(home, SUNDAY, LAST).success
    rows = lake_rows(home)
    assert {row["received_date"].day for row in rows[RAW_EVENTS.name]} == {19}
    assert {row["event_date"].day for row in rows[CORE_EVENTS.name]} == {19}
    assert {row["metric_date"].day for row in rows[DAILY_METRICS.name]} == {19}
    assert partitions(home)[DAILY_METRICS.name] == [(18, 0), (19, 1)]


def test_a_day_that_the_log_does_not_have_is_left_as_it_is_in_the_lake(database: Database, home: Settings) -> None:
    put(database, log_row("a", at(18)))
    assert run(home, SUNDAY, LAST).success
    before = lake_rows(home)
    with database.writing() as connection:
        values = {"received_date": at(18).date(), "events": 1, "checksum": "0", "dropped_at": at(19)}
        connection.execute(sa.insert(DROPPED_DAY).values(values))
        connection.execute(sa.select(sa.func.web_events.drop_partition(at(18).date())))
    assert run(home, SUNDAY, LAST).success
    assert lake_rows(home) == before
    put(database, log_row("b", at(18, 23)))
    assert run(home, SUNDAY, LAST).success
    assert [row["event_id"] for row in lake_rows(home)[CORE_EVENTS.name]] == ["a", "b"]


def test_how_late_an_event_may_be_is_a_setting(database: Database, home: Settings) -> None:
    put(database, log_row("a", at(19), event_at=at(17)))
    patient = home.model_copy(update={"late_event_days": 1})
    assert run(patient, SUNDAY, LAST).success
    assert partitions(home)[CORE_EVENTS.name] == []
    assert partitions(home)[LATE_EVENTS.name] == [(19, 1)]
    assert run(home, SUNDAY, LAST).success
    assert partitions(home)[CORE_EVENTS.name] == [(17, 1)]
    assert partitions(home)[LATE_EVENTS.name] == [(19, 0)]


def test_making_all_days_again_changes_no_byte(database: Database, home: Settings) -> None:
    put(database, *(log_row(str(hour), at(18, hour), url=f"https://shop.example/{hour % 3}") for hour in range(24)))
    assert run(home, SUNDAY, LAST).success
    lake = Lake.at(home.home, DuckLimits.of(home))
    before = {table.name: lake.manifests(table) for table in TABLES}
    assert run(home, SUNDAY, LAST).success
    assert {table.name: lake.manifests(table) for table in TABLES} == before
    lake.duck.close()


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
