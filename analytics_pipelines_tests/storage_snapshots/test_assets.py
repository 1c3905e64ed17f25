"""The Dagster door: snapshot days in a range are made, the others are left alone."""

from datetime import timedelta

import dagster as dg
import pytest

from analytics_pipelines.dagster_kit.partitions import daily
from analytics_pipelines.dagster_kit.world import WORLD, world_resource
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.storage_snapshots.assets import assets
from analytics_pipelines.storage_snapshots.scan import scan
from analytics_pipelines.storage_snapshots.tables import GROWTH, TABLES
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.storage_snapshots.trees import DAY, link_farm

FIRST, LAST = DAY - timedelta(days=85), DAY + timedelta(days=4)


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path / "home", lake_start_date=FIRST)


def run(settings, first, last):
    tags = {"dagster/asset_partition_range_start": str(first), "dagster/asset_partition_range_end": str(last)}
    resources = {WORLD: world_resource(settings)}
    return dg.materialize(assets(daily(settings)), resources=resources, tags=tags, raise_on_error=False)


def held(settings):
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        return {table.name: lake.manifests(table) for table in TABLES}
    finally:
        lake.duck.close()


def test_a_backfill_of_ninety_days_makes_the_two_that_have_a_snapshot(settings, tmp_path):
    (tmp_path / "tree").mkdir()
    tree = link_farm(tmp_path / "tree")
    scan(tree, "s", DAY, settings.snapshots_folder)
    (tree / "more").write_bytes(b"x" * 100_000)
    scan(tree, "s", DAY + timedelta(days=1), settings.snapshots_folder)
    result = run(settings, FIRST, LAST)
    assert result.success
    days = {name: [each.day for each in found] for name, found in held(settings).items()}
    assert days == {table.name: [DAY, DAY + timedelta(days=1)] for table in TABLES}
    last = result.asset_materializations_for_node(GROWTH.name)[-1]
    assert any("base64" in str(value.value) for value in last.metadata.values())


def test_a_snapshots_folder_that_is_away_fails_the_run_instead_of_looking_empty(settings, tmp_path):
    away = settings.model_copy(update={"snapshots_path": tmp_path / "unmounted"})
    assert not run(away, DAY, DAY).success
    assert run(settings, DAY, DAY).success
    assert not any(held(settings).values())
