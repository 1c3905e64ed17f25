"""The Dagster door: snapshot days in a range are made, the others are left alone."""

from datetime import timedelta

import dagster as dg
import pytest

from analytics_pipelines.dagster_kit.partitions import daily
from analytics_pipelines.dagster_kit.world import WORLD, world_resource
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.storage_snapshots.assets import READABLE, assets, sensor
from analytics_pipelines.storage_snapshots.intake.ingest import NoSnapshotsFolder
from analytics_pipelines.storage_snapshots.scanner.scan import scan
from analytics_pipelines.storage_snapshots.tables import CHANGES, DISTRIBUTION, ENTRIES, GROWTH, TABLES
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


@pytest.mark.long
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
    for drawn in (GROWTH, CHANGES, DISTRIBUTION):
        last = result.asset_materializations_for_node(drawn.name)[-1]
        assert any("base64" in str(value.value) for value in last.metadata.values())
    compared = held(settings)[CHANGES.name][1]
    assert {(each.table, each.day) for each in compared.inputs if each.table == ENTRIES.name} == {
        (ENTRIES.name, DAY),
        (ENTRIES.name, DAY + timedelta(days=1)),
    }


def test_a_snapshots_folder_that_is_away_fails_the_run_instead_of_looking_empty(settings, tmp_path):
    away = settings.model_copy(update={"snapshots_path": tmp_path / "unmounted"})
    assert not run(away, DAY, DAY).success
    assert run(settings, DAY, DAY).success
    assert not any(held(settings).values())


def test_a_broken_share_is_named_by_a_check_and_the_other_is_made(settings, tmp_path):
    (tmp_path / "tree").mkdir()
    report = scan(link_farm(tmp_path / "tree"), "good", DAY, settings.snapshots_folder)
    report.file.with_name("bad.parquet").write_bytes(report.file.read_bytes()[:-30])
    result = run(settings, DAY, DAY)
    assert result.success
    (check,) = [each for each in result.get_asset_check_evaluations() if each.check_name == READABLE]
    assert not check.passed
    (told,) = check.metadata["offenders"].value
    assert "'bad' on 2026-03-01 is not readable Parquet" in told
    found = held(settings)
    assert [each.day for each in found[GROWTH.name]] == [DAY]
    assert [each.table for each in found[ENTRIES.name][0].inputs] == ["snapshot:good"]


def test_the_sensor_asks_for_a_new_day_and_not_again_while_it_is_made(settings, tmp_path):
    watch = sensor(settings, job="storage_snapshots_job", status=dg.DefaultSensorStatus.RUNNING)
    with dg.DagsterInstance.ephemeral() as instance:
        nothing = watch(dg.build_sensor_context(instance=instance))
        assert (nothing.run_requests, nothing.skip_reason.skip_message) == ([], "No snapshot file is new.")
        (tmp_path / "tree").mkdir()
        scan(link_farm(tmp_path / "tree"), "s", DAY, settings.snapshots_folder)
        found = watch(dg.build_sensor_context(instance=instance, cursor=nothing.cursor))
        (asked,) = found.run_requests
        assert asked.asset_selection is None
        assert asked.tags == {
            "dagster/asset_partition_range_start": str(DAY),
            "dagster/asset_partition_range_end": str(DAY),
        }
        instance.create_run_for_job(
            dg.job(name="any")(lambda: None),
            tags={"dagster/sensor_name": watch.name},
            status=dg.DagsterRunStatus.STARTED,
        )
        waiting = watch(dg.build_sensor_context(instance=instance, cursor=found.cursor))
        assert isinstance(waiting, dg.SkipReason)


def test_the_sensor_fails_where_the_folder_that_was_set_is_away(settings, tmp_path):
    away = settings.model_copy(update={"snapshots_path": tmp_path / "unmounted"})
    watch = sensor(away, job="storage_snapshots_job", status=dg.DefaultSensorStatus.RUNNING)
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(NoSnapshotsFolder):
        watch(dg.build_sensor_context(instance=instance))
