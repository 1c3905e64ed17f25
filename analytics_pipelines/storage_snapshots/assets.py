"""Dagster door: the day's snapshots in the lake, sums for every folder, growth of each share."""

from datetime import date, timedelta

import dagster as dg
import polars as pl

from analytics_pipelines.dagster_kit.lake_asset import Making, Read, lake_asset
from analytics_pipelines.dagster_kit.pictures import line_picture
from analytics_pipelines.dagster_kit.world import World
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.storage_snapshots.growth import growth
from analytics_pipelines.storage_snapshots.ingest import existing, received_entries
from analytics_pipelines.storage_snapshots.rollup import directories
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, ENTRIES, GROWTH

DAYS_DRAWN = 90
BYTES_PER_GIB = 2**30


def assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """`raw_fs__entries` → `core_fs__directories` → `out_fs__growth` over these days; days without snapshot are left."""
    return [
        lake_asset(ENTRIES, days=days, make=_entries),
        lake_asset(DIRECTORIES, days=days, make=_directories, reads=[Read(ENTRIES)]),
        lake_asset(GROWTH, days=days, make=_growth, reads=[Read(DIRECTORIES, days_before=1)], picture=_picture),
    ]


def _entries(making: Making) -> Select | None:
    settings = making.world.settings
    folder = existing(settings.snapshots_folder) if settings.snapshots_path else settings.snapshots_folder
    return received_entries(folder, making.day)


def _directories(making: Making) -> Select | None:
    return directories(making.scan(ENTRIES))


def _growth(making: Making) -> Select | None:
    return growth(making.scan(DIRECTORIES), making.day)


def _picture(world: World, made: list[date]) -> bytes:
    """Space taken by each share on the days up to the last one made."""
    last = max(made)
    drawn = [day for day in world.lake.days(GROWTH) if last - timedelta(days=DAYS_DRAWN) < day <= last]
    gib = (pl.col("allocated_bytes") / BYTES_PER_GIB).alias("GiB on disk")
    rows = world.lake.lazy(GROWTH, drawn).select("snapshot_date", "share", gib).collect().to_arrow()
    return line_picture(rows, x="snapshot_date", y="GiB on disk", color="share", title="Space taken by each share")
