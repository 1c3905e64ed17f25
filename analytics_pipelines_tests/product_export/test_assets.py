"""The Dagster door on a real database and lake: a range of days in one run, or day by day."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from analytics_pipelines.dagster_kit.partitions import daily
from analytics_pipelines.dagster_kit.world import WORLD, world_resource
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.product_export.assets import assets
from analytics_pipelines.product_export.seed import seed
from analytics_pipelines.product_export.tables import CORE_ITEMS, CORE_USERS, RAW_ITEMS, TABLES
from analytics_pipelines_tests.conftest import settings_in

DAY = date(2026, 3, 1)
DAYS = [DAY - timedelta(days=number) for number in reversed(range(5))]


@pytest.fixture
def home_of(tmp_path, database_urls):
    return lambda name: settings_in(tmp_path / name, database_url=database_urls.app, lake_start_date=DAYS[0])


def run(settings, first, last):
    tags = {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }
    resources = {WORLD: world_resource(settings)}
    return dg.materialize(assets(daily(settings)), resources=resources, tags=tags, raise_on_error=False)


def held(settings):
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        return {table.name: lake.manifests(table) for table in TABLES}
    finally:
        lake.duck.close()


def test_a_range_of_days_gives_the_same_files_as_its_days_one_by_one(database, home_of):
    seed(database, today=DAY, users=40, items=150)
    together, apart = home_of("together"), home_of("apart")
    assert run(together, DAYS[0], DAYS[-1]).success
    for day in reversed(DAYS):
        assert run(apart, day, day).success
    assert held(together) == held(apart)
    assert {name: len(found) for name, found in held(together).items()} == {table.name: 5 for table in TABLES}
    assert held(together)[CORE_ITEMS.name][-1].rows == 150


def test_days_that_have_not_begun_are_left_alone(home_of):
    settings = home_of("home")
    today = datetime.now(UTC).date()
    assert run(settings, today, today + timedelta(days=2)).success
    assert {len(found) for found in held(settings).values()} <= {1, 2}


def test_users_of_a_day_are_kept_when_items_can_not_be_read(database, owner_database, home_of):
    seed(database, today=DAY, users=5, items=5)
    settings = home_of("home")
    with owner_database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE product.items RENAME TO things")
    result = run(settings, DAY, DAY)
    assert not result.success
    (failure,) = [event.event_specific_data.error for event in result.get_step_failure_events()]
    assert "product" in str(failure)
    found = held(settings)
    assert [manifest.rows for manifest in found[CORE_USERS.name]] == [5]
    assert found[RAW_ITEMS.name] == found[CORE_ITEMS.name] == []


def test_assets_stand_in_the_rooms_group_and_need_no_column_of_a_person_in_their_texts(settings):
    for asset in assets(daily(settings)):
        assert asset.group_names_by_key[asset.key] == "product_export"
