"""The Dagster door on a real database and lake: all tables in one step, checks for each, and their states."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import dagster as dg
import duckdb
import psycopg
import pytest

from analytics_pipelines.dagster_kit.partitions import daily, range_tags
from analytics_pipelines.dagster_kit.world import WORLD, world_resource
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.lake.checks import RULES
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.product_export.assets import CONCERNS, COPIES, DRIFT, EXACTLY, assets
from analytics_pipelines.product_export.seed import seed
from analytics_pipelines.product_export.tables import CORE_ITEMS, CORE_USERS, RAW_ITEMS, RAW_USERS, TABLES
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.product_export.lakes import Kept

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
NAMES = {table.name for table in TABLES}
ORDERS = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id int PRIMARY KEY, price numeric(12, 2));
INSERT INTO shop.orders SELECT n, n / 7.0 FROM generate_series(1, 30) AS n;
GRANT USAGE ON SCHEMA shop TO PUBLIC;
GRANT SELECT ON shop.orders TO PUBLIC;
"""
FILE = '[[tables]]\ntable = "shop.orders"\nmode = "incremental"\n'


@pytest.fixture
def here(tmp_path, database_urls):
    return settings_in(tmp_path / "home", database_url=database_urls.app, lake_start_date=YESTERDAY)


@pytest.fixture
def owner(database_urls):
    with psycopg.connect(conninfo(database_urls.owner), autocommit=True) as connection:
        yield connection


@pytest.fixture
def shop(owner, here, tmp_path):
    owner.execute(ORDERS)
    file = tmp_path / "export.toml"
    file.write_text(FILE)
    return settings_in(
        here.home.path, database_url=here.database_url, export_tables_file=file, lake_start_date=YESTERDAY
    )


def run(settings, first=TODAY, last=TODAY, *, tags=None, names=None):
    return dg.materialize(
        assets(daily(settings), settings),
        resources={WORLD: world_resource(settings)},
        tags={**range_tags(first, last), **(tags or {})},
        selection=[dg.AssetKey(name) for name in names] if names else None,
        raise_on_error=False,
    )


def held(settings, tables=TABLES):
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        return {table.name: lake.manifests(table) for table in tables}
    finally:
        lake.duck.close()


def made(result) -> set[tuple[str, str]]:
    found = (event.materialization for event in result.get_asset_materialization_events())
    return {(each.asset_key.to_user_string(), each.partition) for each in found if each.partition}


def checks(result) -> dict[tuple[str, str], dg.AssetCheckEvaluation]:
    return {(each.asset_key.to_user_string(), each.check_name): each for each in result.get_asset_check_evaluations()}


def failure(result) -> str:
    (found,) = [event.event_specific_data for event in result.get_step_failure_events()]
    return found.user_failure_data.description


def test_all_tables_come_of_one_step_and_one_moment(database, here):
    seed(database, today=TODAY, users=40, items=150)
    result = run(here, YESTERDAY, TODAY)
    assert result.success
    assert made(result) == {(name, str(TODAY)) for name in NAMES}
    found = held(here)
    assert {name: [each.rows for each in manifests] for name, manifests in found.items()} == {
        RAW_USERS.name: [40], RAW_ITEMS.name: [150], CORE_USERS.name: [40], CORE_ITEMS.name: [150]
    }  # fmt: skip
    assert found[RAW_USERS.name][0].source["moment"] == found[RAW_ITEMS.name][0].source["moment"]
    judged = checks(result)
    assert {check for name, check in judged if name == RAW_ITEMS.name} == {*RULES, *CONCERNS}
    assert all(each.passed for each in judged.values())
    (raw,) = [
        each for each in result.asset_materializations_for_node(COPIES) if each.asset_key.path == [RAW_USERS.name]
    ]
    assert raw.metadata["mode"].value == "full"
    assert "| email | text | VARCHAR |" in raw.metadata["columns"].value
    assert raw.metadata["dagster/partition_row_count"].value == 40


def test_days_that_have_not_begun_are_left_alone(here):
    result = run(here, TODAY, TODAY + timedelta(days=2))
    assert result.success
    assert {day for _, day in made(result)} == {str(TODAY)}


def test_a_table_that_can_not_be_read_keeps_all_of_them_back_and_is_named(database, owner, here):
    seed(database, today=TODAY, users=5, items=5)
    owner.execute("ALTER TABLE product.items RENAME TO things")
    result = run(here)
    assert not result.success
    assert "product.items" in failure(result)
    assert made(result) == set()
    assert not any(held(here).values())


def test_one_table_alone_can_be_made_anew(database, here):
    seed(database, today=TODAY, users=5, items=5)
    run(here)
    seed(database, today=TODAY, users=9, items=9)
    result = run(here, names=[RAW_USERS.name])
    assert made(result) == {(RAW_USERS.name, str(TODAY))}
    found = held(here)
    assert (found[RAW_ITEMS.name][0].rows, found[CORE_USERS.name][0].rows) == (5, 5)


def test_an_incremental_table_has_changes_in_raw_and_its_state_in_core(owner, shop):
    first = run(shop, tags=EXACTLY)
    assert first.success
    state = shop.home.lake / "core_app__orders" / f"date={TODAY}" / "data.parquet"
    assert duckdb.read_parquet(str(state)).columns == ["export_date", "id", "price"]
    owner.execute("DELETE FROM shop.orders WHERE id = 1")
    owner.execute("ALTER TABLE shop.orders ADD COLUMN note text DEFAULT 'x'")
    second = run(shop)
    assert second.success
    drift = checks(second)["raw_app__orders", DRIFT]
    assert (drift.passed, drift.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "note" in str(drift.metadata["offenders"].value)
    rows = duckdb.read_parquet(str(state))
    assert rows.columns == ["export_date", "id", "price", "note"]
    assert rows.aggregate("count(*), min(id)").fetchone() == (29, 2)


def test_what_differs_from_the_source_fails_the_check_of_its_table(database, here, monkeypatch):
    seed(database, today=TODAY, users=5, items=5)
    told = "id: 4 rows, the source has 5"
    monkeypatch.setattr("analytics_pipelines.product_export.copying.differences", lambda *_: [told])
    result = run(here)
    assert told in failure(result)
    assert not checks(result)[RAW_USERS.name, "rows_match_source"].passed
    assert not any(held(here).values())


def test_a_nightly_run_names_a_file_that_is_not_the_published_one_any_more(database, here):
    seed(database, today=TODAY, users=5, items=5)
    old = Kept("users")
    with closing(Lake.at(here.home, DuckLimits.of(here)).duck) as duck:
        lake = Lake(here.home, duck)
        old.put(lake, YESTERDAY, [(1, "a")])
        file = lake.file(old.table, YESTERDAY)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert run(here).success
    result = run(here, tags=EXACTLY)
    assert not result.success
    assert RAW_USERS.name in failure(result)
    assert str(YESTERDAY) in failure(result)
    assert checks(result)[RAW_USERS.name, "rows_match_source"].passed


def test_the_products_own_tables_are_left_alone_where_another_source_is_exported(owner, shop, database_urls):
    other = shop.model_copy(update={"source_database_url": database_urls.source})
    result = run(other)
    assert result.success
    assert made(result) == {("raw_app__orders", str(TODAY)), ("core_app__orders", str(TODAY))}
    assert run(other, names=[RAW_USERS.name]).success
    assert held(other)[RAW_USERS.name] == []


def test_assets_stand_in_the_rooms_group(shop):
    keys = {
        key.to_user_string(): asset.group_names_by_key[key] for asset in assets(daily(shop), shop) for key in asset.keys
    }
    assert set(keys) == NAMES | {"raw_app__orders", "core_app__orders"}
    assert set(keys.values()) == {"product_export"}
