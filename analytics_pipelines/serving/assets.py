"""Dagster door of publishing: the asset that builds a generation, and the sensor that asks for it."""

from collections.abc import Iterable, Sequence

import dagster as dg

from analytics_pipelines.catalog.tables import TABLES, with_exported
from analytics_pipelines.dagster_kit.lake_asset import OWNERS
from analytics_pipelines.dagster_kit.unfinished import SENSOR, has_unfinished
from analytics_pipelines.dagster_kit.world import WORLD, World
from analytics_pipelines.foundation.generation import Generation
from analytics_pipelines.foundation.logs import bound
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.serving.duckdb_file import keep_duckdb_file
from analytics_pipelines.serving.plan import LAYOUT

NAME = "serving_generation"
GROUP = "serving"
KEY = dg.AssetKey(NAME)
SENSOR_NAME = "publish_generation"
LEAST_INTERVAL_S = 5
DESCRIPTION = (
    "What the API serves from: native and hot DuckDB tables and hard links to Parquet, published by one pointer swap. "
    "The same inputs give the same id and change nothing."
)


def assets(tables: Iterable[Table] = TABLES, exported: Iterable[str] = ()) -> list[dg.AssetsDefinition]:
    """The one asset; it waits for every table, and for those that the export's configuration adds, by their names."""
    served = tuple(tables)

    @dg.asset(
        name=NAME,
        group_name=GROUP,
        description=DESCRIPTION,
        owners=list(OWNERS),
        kinds={"duckdb"},
        code_version=LAYOUT,
        deps=_keys(served, exported),
        required_resource_keys={WORLD},
    )
    def serving_generation(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        world: World = context.resources.world
        with bound(run_id=context.run.run_id, asset=NAME):
            built = build_generation(world.settings, world.lake, with_exported(served, world.settings, world.lake))
            keep_duckdb_file(world.settings)
        context.log.info("generation %s is in force%s", built.generation.id, "" if built.is_new else ", as before")
        return dg.MaterializeResult(
            data_version=dg.DataVersion(built.generation.id),
            metadata={
                "generation": built.generation.id,
                "is_new": built.is_new,
                "dagster/uri": dg.MetadataValue.text(built.folder.as_uri()),
                "dagster/row_count": sum(table.rows for table in built.generation.tables),
                "swept": ", ".join(built.swept),
                "preview": dg.MetadataValue.md(preview(built.generation)),
            },
        )

    return [serving_generation]


def sensor(
    status: dg.DefaultSensorStatus, tables: Iterable[Table] = TABLES, exported: Iterable[str] = ()
) -> dg.SensorDefinition:
    """Asks for a generation once anything upstream was materialized; one run at a time."""
    upstream = _keys(tables, exported)

    @dg.sensor(
        name=SENSOR_NAME,
        target=dg.AssetSelection.assets(KEY),
        minimum_interval_seconds=LEAST_INTERVAL_S,
        default_status=status,
        description="Publishes a generation after upstream changes.",
    )
    def publish_generation(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        newest = newest_materialization(context.instance, upstream)
        if newest <= int(context.cursor or 0):
            return dg.SkipReason("Nothing changed upstream.")
        if has_unfinished(context.instance, SENSOR, SENSOR_NAME):
            return dg.SkipReason("The last generation is still being built.")
        # The run key makes a tick that died between its request and its cursor harmless.
        return dg.SensorResult([dg.RunRequest(run_key=SENSOR_NAME + ":" + str(newest))], cursor=str(newest))

    return publish_generation


def _keys(tables: Iterable[Table], exported: Iterable[str]) -> list[dg.AssetKey]:
    return [dg.AssetKey(name) for name in dict.fromkeys([*(table.name for table in tables), *exported])]


def newest_materialization(instance: dg.DagsterInstance, keys: Sequence[dg.AssetKey]) -> int:
    """The highest storage id among the last materializations of the assets; 0 without any."""
    records = (record.asset_entry.last_materialization_record for record in instance.get_asset_records(keys))
    return max((record.storage_id for record in records if record), default=0)


def preview(generation: Generation) -> str:
    """The tables with days, rows and bytes as a Markdown table."""
    lines = ["| table | served from | days | rows | bytes | first day | last day |", "|---|---|--:|--:|--:|---|---|"]
    for table in generation.tables:
        source = "duckdb" if table.is_native else "parquet"
        cells = (table.name, source, len(table.partitions), table.rows, table.size_bytes)
        days = (table.first_day or "", table.last_day or "")
        lines.append("| " + " | ".join(str(cell) for cell in (*cells, *days)) + " |")
    lines += [
        "| " + hot.name + " | duckdb, " + hot.made_for + " | | " + str(hot.rows) + " | | | |" for hot in generation.hot
    ]
    return "\n".join(lines)
