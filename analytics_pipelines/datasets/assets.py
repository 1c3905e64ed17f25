"""Dagster door: once a day, what has expired of users' datasets goes."""

import dagster as dg
import structlog

from analytics_pipelines.dagster_kit.world import WORLD, World
from analytics_pipelines.datasets.folders import Folders
from analytics_pipelines.datasets.kept.sweep import Swept, sweep
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.logs import bound

NAME = "sweep_datasets"
EVERY_DAY = "15 4 * * *"
MOST_NAMED = 20
log = structlog.get_logger(__name__)


def jobs() -> list[dg.JobDefinition]:
    """The one job of the room; no asset, since nothing is made."""
    return [sweep_job()]


def schedules(status: dg.DefaultScheduleStatus) -> list[dg.ScheduleDefinition]:
    """When it runs, in UTC; two sweeps at once do no harm."""
    return [
        dg.ScheduleDefinition(
            name=NAME + "_daily",
            job_name=NAME,
            cron_schedule=EVERY_DAY,
            execution_timezone="UTC",
            default_status=status,
            description="At 04:15 UTC: users' datasets that have expired.",
        )
    ]


def sweep_job() -> dg.JobDefinition:
    """Removes expired datasets with all that belongs to them, and what crashes have left."""

    @dg.op(name="sweep_expired_datasets", required_resource_keys={WORLD}, out=dg.Out(dg.Nothing))
    def run(context: dg.OpExecutionContext) -> None:
        world: World = context.resources.world
        settings = world.settings
        with bound(run_id=context.run_id, job=NAME):
            swept = sweep(world.database, Folders.of(settings), now(), keep_days=settings.dataset_ttl_days)
            if swept.missing:
                log.warning("datasets without their file", count=len(swept.missing), ids=swept.missing[:MOST_NAMED])
        context.add_output_metadata(told(swept))

    @dg.job(name=NAME, description="Expired datasets of users, their analyses and files, and what crashes have left.")
    def job() -> None:
        run()

    return job


def told(swept: Swept) -> dict[str, dg.MetadataValue]:
    """What a sweep did as Dagster shows it: counts, and ids of ours, nothing of the users."""
    return {
        "datasets": dg.MetadataValue.int(swept.datasets),
        "freed_bytes": dg.MetadataValue.int(swept.freed_bytes),
        "analyses_of_tables": dg.MetadataValue.int(swept.analyses),
        "folders_without_row": dg.MetadataValue.int(swept.folders),
        "staging_left": dg.MetadataValue.int(swept.staged),
        "running_plans_left": dg.MetadataValue.int(swept.running_plans),
        "without_file": dg.MetadataValue.int(len(swept.missing)),
        "ids_without_file": dg.MetadataValue.text(", ".join(swept.missing[:MOST_NAMED])),
    }
