"""Dagster door: the day's snapshots in the lake, what each folder holds, what changed, and the look for new files."""

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import polars as pl
import structlog

from analytics_pipelines.dagster_kit.lake_asset import Making, Read, lake_asset
from analytics_pipelines.dagster_kit.partitions import daily, range_tags
from analytics_pipelines.dagster_kit.pictures import bar_picture, line_picture
from analytics_pipelines.dagster_kit.unfinished import SENSOR, has_unfinished
from analytics_pipelines.dagster_kit.world import World
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.storage_snapshots.differences.changes import changes, directory_changes
from analytics_pipelines.storage_snapshots.differences.last_known import MOST_DAYS_BETWEEN, days_read, pairs
from analytics_pipelines.storage_snapshots.intake.arrivals import Asked, Bounds, Look, Seen, look
from analytics_pipelines.storage_snapshots.intake.ingest import (
    BrokenSnapshot,
    existing,
    received_entries,
    received_snapshots,
)
from analytics_pipelines.storage_snapshots.intake.received import share_of_input
from analytics_pipelines.storage_snapshots.rollup.directories import directories, directory_bands, directory_types
from analytics_pipelines.storage_snapshots.rollup.distribution import distribution
from analytics_pipelines.storage_snapshots.rollup.growth import growth
from analytics_pipelines.storage_snapshots.tables import (
    CHANGES,
    DIRECTORIES,
    DIRECTORY_BANDS,
    DIRECTORY_CHANGES,
    DIRECTORY_TYPES,
    DISTRIBUTION,
    ENTRIES,
    GROWTH,
    SNAPSHOTS,
)

DAYS_DRAWN = 90
BYTES_PER_GIB = 2**30
READABLE = "snapshots_are_readable"
CONCERNS = {READABLE: "Every snapshot file of the day can be taken in; one that can not is left out, and named here."}
SENSOR_NAME = "snapshot_arrivals"
LOOK_S = 30
log = structlog.get_logger(__name__)


def assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The room's nine tables over these days; days without snapshot are left alone."""
    back = MOST_DAYS_BETWEEN
    seen = [Read(ENTRIES), Read(SNAPSHOTS)]
    compared = [Read(table, days_before=back) for table in (ENTRIES, DIRECTORIES, SNAPSHOTS)]
    folders = [Read(CHANGES), Read(DIRECTORIES, days_before=back), Read(SNAPSHOTS, days_before=back)]
    return [
        lake_asset(ENTRIES, days=days, make=_entries, concerns=CONCERNS),
        lake_asset(SNAPSHOTS, days=days, make=_snapshots, reads=[Read(ENTRIES)]),
        lake_asset(DIRECTORIES, days=days, make=_directories, reads=[Read(ENTRIES)]),
        lake_asset(DIRECTORY_TYPES, days=days, make=_types, reads=[Read(ENTRIES)]),
        lake_asset(DIRECTORY_BANDS, days=days, make=_bands, reads=seen),
        lake_asset(DISTRIBUTION, days=days, make=_distribution, reads=seen, picture=draw_ages),
        lake_asset(CHANGES, days=days, make=_changes, reads=compared, picture=draw_changes),
        lake_asset(DIRECTORY_CHANGES, days=days, make=_directory_changes, reads=folders),
        lake_asset(GROWTH, days=days, make=_growth, reads=[Read(DIRECTORIES, days_before=1)], picture=draw_growth),
    ]


def sensor(settings: Settings, *, job: str, status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """Asks for the days whose snapshot files are new or changed, a run a stretch; `job` makes the room's tables."""

    @dg.sensor(
        name=SENSOR_NAME,
        job_name=job,
        minimum_interval_seconds=LOOK_S,
        default_status=status,
        description="Takes in new and changed snapshot files, and makes later days anew that compare with them.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        if has_unfinished(context.instance, SENSOR, SENSOR_NAME):
            return dg.SkipReason("The last snapshots are still being taken in.")
        found = _looked(settings, Seen.from_json(context.cursor))
        if not found.asked:
            return dg.SensorResult(skip_reason=found.told, cursor=found.seen.to_json())
        return dg.SensorResult([_run_request(each) for each in found.asked], cursor=found.seen.to_json())

    return watch


def folder_of(settings: Settings) -> Path:
    """Where the snapshots lie; raises `NoSnapshotsFolder` where a folder was set and is away."""
    folder = settings.snapshots_folder
    return existing(folder) if settings.snapshots_path else folder


def _looked(settings: Settings, seen: Seen) -> Look:
    days = daily(settings)
    last = date.fromisoformat(days.get_last_partition_key() or settings.lake_start_date.isoformat())
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    with closing(lake.duck):
        return look(lake, folder_of(settings), seen, now(), within=Bounds(settings.lake_start_date, last))


def _run_request(asked: Asked) -> dg.RunRequest:
    chosen = [dg.AssetKey(table.name) for table in (CHANGES, DIRECTORY_CHANGES, GROWTH)]
    return dg.RunRequest(
        run_key=asked.key,
        tags=range_tags(asked.first, asked.last),
        asset_selection=chosen if asked.is_comparison_only else None,
    )


def _entries(making: Making) -> Select | None:
    def complain(error: BrokenSnapshot) -> None:
        log.warning("left out", day=str(making.day), reason=str(error))
        making.concern(READABLE, str(error))

    world = making.world
    return received_entries(folder_of(world.settings), making.day, duck=world.lake.duck, complain=complain)


def _snapshots(making: Making) -> Select | None:
    world, day = making.world, making.day
    made = world.lake.manifest(ENTRIES, day)
    taken = {share: each.sha256 for each in (made.inputs if made else ()) if (share := share_of_input(each.table))}
    return received_snapshots(folder_of(world.settings), making.scan(ENTRIES), day, taken=taken, duck=world.lake.duck)


def _directories(making: Making) -> Select | None:
    return directories(making.scan(ENTRIES))


def _types(making: Making) -> Select | None:
    return directory_types(making.scan(ENTRIES))


def _bands(making: Making) -> Select | None:
    return directory_bands(making.scan(ENTRIES), making.scan(SNAPSHOTS))


def _distribution(making: Making) -> Select | None:
    return distribution(making.scan(ENTRIES), making.scan(SNAPSHOTS))


def _changes(making: Making) -> Select | None:
    """Of up to 366 days before only those are read that the day's shares are compared with."""
    lake, day = making.world.lake, making.day
    found = pairs(lake, day)
    read = days_read(found, day)
    return changes(lake.scan(ENTRIES, read), lake.scan(DIRECTORIES, read), found, day)


def _directory_changes(making: Making) -> Select | None:
    lake, day = making.world.lake, making.day
    found = pairs(lake, day)
    return directory_changes(lake.scan(DIRECTORIES, days_read(found, day)), making.scan(CHANGES), found, day)


def _growth(making: Making) -> Select | None:
    return growth(making.scan(DIRECTORIES), making.day)


def draw_growth(world: World, made: list[date]) -> bytes:
    """Space taken by each share on the days up to the last one made."""
    gib = (pl.col("allocated_bytes") / BYTES_PER_GIB).alias("GiB on disk")
    rows = _recent(world, GROWTH, made).select("snapshot_date", "share", gib).collect().to_arrow()
    return line_picture(rows, x="snapshot_date", y="GiB on disk", color="share", title="Space taken by each share")


def draw_changes(world: World, made: list[date]) -> bytes | None:
    """Names that were added, removed or changed on each of the days up to the last one made."""
    told = _recent(world, CHANGES, made).filter(pl.col("change") != "first")
    counted = told.group_by("snapshot_date", "change").agg(pl.len().alias("names")).sort("snapshot_date", "change")
    rows = counted.collect().to_arrow()
    title = "Names that are not as in the snapshot before"
    return bar_picture(rows, x="snapshot_date", y="names", color="change", title=title) if len(rows) else None


def draw_ages(world: World, made: list[date]) -> bytes | None:
    """Space by age of the content on the last day made, a colour a share."""
    gib = (pl.col("allocated_bytes") / BYTES_PER_GIB).alias("GiB on disk")
    ages = world.lake.lazy(DISTRIBUTION, [max(made)]).filter(pl.col("dimension") == "modified_age")
    rows = ages.select(pl.col("value").alias("last changed"), "share", gib).collect().to_arrow()
    title = "Space by the time since the last change"
    return bar_picture(rows, x="last changed", y="GiB on disk", color="share", title=title) if len(rows) else None


def _recent(world: World, table: Table, made: list[date]) -> pl.LazyFrame:
    last = max(made)
    drawn = [day for day in world.lake.days(table) if last - timedelta(days=DAYS_DRAWN) < day <= last]
    return world.lake.lazy(table, drawn)
