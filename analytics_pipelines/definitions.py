"""Dagster entrance: all assets, jobs, schedules and sensors, by name.

dagster dev -w workspace.yaml
"""

import logging

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from analytics_pipelines.dagster_kit.partitions import daily
from analytics_pipelines.dagster_kit.schedules import last_days_schedule
from analytics_pipelines.dagster_kit.world import WORLD, world_resource
from analytics_pipelines.datasets import assets as datasets
from analytics_pipelines.foundation.logs import configure
from analytics_pipelines.foundation.settings import Settings, load
from analytics_pipelines.operations import assets as operations
from analytics_pipelines.product_export import assets as product_export
from analytics_pipelines.product_export.served import exported_names
from analytics_pipelines.serving import assets as serving
from analytics_pipelines.storage_snapshots import assets as storage_snapshots
from analytics_pipelines.web_events import assets as web_events

SERVICE = "dagster"
EVERYTHING = "everything"
EXACT_HOUR = 3
"""In UTC: of this hour's export every value is compared with the source, and every file with what was published."""
GROUPS = {
    "storage_snapshots": "Snapshots of file systems, their folders and their growth.",
    "product_export": "The product's tables and their cleaned twins.",
    "web_events": "Web events, visits and daily metrics.",
    "serving": "The generation that the API answers from.",
}


@dg.definitions
def definitions() -> dg.Definitions:
    """What Dagster loads, with the settings of the environment; the process's logs become ours too."""
    settings = load()
    configure(settings, service=SERVICE)
    logging.getLogger("dagster").propagate = False  # its own handlers write its lines
    return build(settings)


def build(settings: Settings) -> dg.Definitions:
    """The definitions for these settings; of the disk it touches only the file that says what is exported."""
    assets = all_assets(settings)
    return dg.Definitions(
        assets=assets,
        jobs=[*jobs(), *datasets.jobs()],
        schedules=schedules(settings),
        sensors=sensors(settings, [key.to_user_string() for asset in assets for key in asset.keys]),
        resources={WORLD: world_resource(settings)},
        # A process a step costs more than most steps; each run is a process of its own all the same.
        executor=dg.in_process_executor,
    )


def all_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The rooms' assets and the generation made of them."""
    days = daily(settings)
    return [
        *storage_snapshots.assets(days),
        *product_export.assets(days, settings),
        *web_events.assets(days, settings.late_event_days),
        *serving.assets(exported=exported_names(settings)),
    ]


def job_name(group: str) -> str:
    """The job that makes a group of assets."""
    return group + "_job"


def jobs() -> list[UnresolvedAssetJobDefinition]:
    """One job a group, since starting a run costs seconds, and one for all."""
    return [
        *(_job(job_name(group), dg.AssetSelection.groups(group), meaning, group) for group, meaning in GROUPS.items()),
        _job(
            EVERYTHING, dg.AssetSelection.all(), "All assets for the days asked for, then the generation.", EVERYTHING
        ),
    ]


def schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    """What happens by the clock, in UTC; switched off unless `SCHEDULES_ENABLED`, or by hand in the UI."""
    status = dg.DefaultScheduleStatus.RUNNING if settings.schedules_enabled else dg.DefaultScheduleStatus.STOPPED
    return [
        last_days_schedule(
            "storage_snapshots_nightly",
            job=job_name("storage_snapshots"),
            cron="30 1 * * *",
            days=2,
            status=status,
            description="At 01:30 UTC: the snapshots of yesterday and today.",
        ),
        last_days_schedule(
            "product_export_hourly",
            job=job_name("product_export"),
            cron="5 * * * *",
            days=1,
            status=status,
            description="Every hour: the exported tables as they are now; once a night every value is compared.",
            tags=lambda at: product_export.EXACTLY if at.hour == EXACT_HOUR else {},
        ),
        *datasets.schedules(status),
    ]


def sensors(settings: Settings, assets: list[str]) -> list[dg.SensorDefinition]:
    """What happens on request and after changes; on by default, since `POST /etl/run` waits for it."""
    on = dg.DefaultSensorStatus.RUNNING
    return [
        *operations.sensors(settings, job=EVERYTHING, assets=assets, status=on),
        storage_snapshots.sensor(settings, job=job_name("storage_snapshots"), status=on),
        serving.sensor(on, exported=exported_names(settings)),
    ]


def _job(name: str, selection: dg.AssetSelection, meaning: str, group: str) -> UnresolvedAssetJobDefinition:
    tags = {"analytics/group": group}
    return dg.define_asset_job(name, selection=selection, description=meaning, run_tags=tags)
