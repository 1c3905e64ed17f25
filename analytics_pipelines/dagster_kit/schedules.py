"""Schedules that ask for the last few days of a job in one run."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from analytics_pipelines.dagster_kit.partitions import range_tags
from analytics_pipelines.dagster_kit.unfinished import SCHEDULE, has_unfinished


def last_days_schedule(
    name: str,
    *,
    job: str,
    cron: str,
    days: int,
    status: dg.DefaultScheduleStatus,
    description: str,
    tags: Callable[[datetime], Mapping[str, str]] = lambda _: {},
) -> dg.ScheduleDefinition:
    """Ask for the `days` days that end with today, in UTC, unless the last run of the schedule goes on.

    `tags` gives those of the run that is due at a moment.
    """

    @dg.schedule(
        cron, name=name, job_name=job, execution_timezone="UTC", default_status=status, description=description
    )
    def ask(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if has_unfinished(context.instance, SCHEDULE, name):
            return dg.SkipReason("The run before it has not ended.")
        at = context.scheduled_execution_time.astimezone(UTC)
        return dg.RunRequest(run_key=at.isoformat(), tags={**tags(at), **range_tags(*_last_days(at.date(), days))})

    return ask


def _last_days(today: date, days: int) -> tuple[date, date]:
    return today - timedelta(days=days - 1), today
