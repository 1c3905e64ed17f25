"""The asset builds and tells; the sensor asks once for what changed, and never while a build runs."""

import dagster as dg
import pytest

from analytics_pipelines.dagster_kit.world import WORLD, world_resource
from analytics_pipelines.serving.assets import KEY, NAME, assets, newest_materialization, preview, sensor
from analytics_pipelines_tests.generations import HOT, TABLES, folders_of, publish, publish_edition, write_all

UPSTREAM = [dg.AssetKey(table.name) for table in TABLES]


@pytest.fixture
def instance(tmp_path):
    with dg.DagsterInstance.ephemeral(str(tmp_path)) as found:
        yield found


@pytest.fixture
def asked(settings, instance):
    """Evaluates the sensor with that cursor."""
    definitions = dg.Definitions(
        assets=[*assets(TABLES), *(dg.AssetSpec(key) for key in UPSTREAM)],
        sensors=[sensor(dg.DefaultSensorStatus.RUNNING, TABLES)],
        resources={WORLD: world_resource(settings)},
    )
    found = definitions.resolve_sensor_def("publish_generation")

    def evaluate(cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
        with dg.build_sensor_context(instance, cursor=cursor, definitions=definitions) as context:
            return found(context)

    return evaluate


def materialized(instance: dg.DagsterInstance, key: dg.AssetKey) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(key))


def test_the_asset_publishes_and_tells_what_it_did(settings, lake, instance):
    write_all(lake, 1)
    result = dg.materialize(assets(TABLES), resources={WORLD: world_resource(settings)}, instance=instance)
    assert result.success
    (event,) = result.get_asset_materialization_events()
    metadata = event.materialization.metadata
    assert metadata["generation"].value == folders_of(settings).current_id()
    assert metadata["is_new"].value is True
    assert settings.duckdb_file.is_file()
    assert metadata["dagster/row_count"].value == 9
    assert metadata["dagster/uri"].value.startswith("file://")
    assert "| out_shop__sales | duckdb | 1 | 3 |" in metadata["preview"].value
    assert event.materialization.tags["dagster/data_version"] == metadata["generation"].value


def test_the_preview_tells_of_hot_tables_too(settings, lake):
    write_all(lake, 1)
    told = preview(publish(settings, lake, HOT).generation)
    assert "| hot_shop__items | duckdb, all days | | 3 | | | |" in told


def test_the_same_lake_again_is_told_to_be_as_before(settings, lake, instance):
    publish_edition(settings, lake, 1)
    result = dg.materialize(assets(TABLES), resources={WORLD: world_resource(settings)}, instance=instance)
    (event,) = result.get_asset_materialization_events()
    assert event.materialization.metadata["is_new"].value is False


def test_the_asset_waits_for_every_table():
    (asset,) = assets(TABLES)
    assert asset.key == KEY == dg.AssetKey(NAME)
    assert set(asset.asset_deps[KEY]) == set(UPSTREAM)
    assert asset.specs_by_key[KEY].group_name == "serving"
    assert asset.specs_by_key[KEY].kinds == {"duckdb"}


def test_the_asset_waits_for_tables_that_the_configuration_adds():
    (asset,) = assets(TABLES, exported=["raw_app__orders", TABLES[0].name])
    assert set(asset.asset_deps[KEY]) == {*UPSTREAM, dg.AssetKey("raw_app__orders")}


def test_nothing_upstream_is_no_reason_to_publish(asked, instance):
    assert newest_materialization(instance, UPSTREAM) == 0
    assert isinstance(asked(), dg.SkipReason)


def test_a_change_upstream_is_asked_for_once(asked, instance):
    materialized(instance, UPSTREAM[0])
    first = asked()
    assert [request.run_key for request in first.run_requests] == ["publish_generation:" + first.cursor]
    assert isinstance(asked(first.cursor), dg.SkipReason)
    materialized(instance, UPSTREAM[1])
    second = asked(first.cursor)
    assert int(second.cursor) > int(first.cursor)


def test_a_tick_that_lost_its_cursor_asks_under_the_same_key(asked, instance):
    materialized(instance, UPSTREAM[0])
    assert asked().run_requests[0].run_key == asked().run_requests[0].run_key


def test_while_a_build_runs_the_sensor_waits_and_forgets_nothing(asked, instance):
    materialized(instance, UPSTREAM[0])
    run = dg.DagsterRun(
        "publishing", status=dg.DagsterRunStatus.STARTED, tags={"dagster/sensor_name": "publish_generation"}
    )
    instance.add_run(run)
    waiting = asked()
    assert isinstance(waiting, dg.SkipReason)
    instance.delete_run(run.run_id)
    assert asked().run_requests
