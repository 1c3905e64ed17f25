"""A schedule asks for the last days in one run, and not again while that goes on."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from analytics_pipelines.dagster_kit.instance import opened_instance
from analytics_pipelines.dagster_kit.schedules import last_days_schedule
from analytics_pipelines.foundation.settings import Settings

SCHEDULE = last_days_schedule(
    "nightly",
    job="j",
    cron="0 1 * * *",
    days=2,
    status=dg.DefaultScheduleStatus.STOPPED,
    description="d",
    tags=lambda at: {"hour": str(at.hour)},
)
AT = datetime(2026, 3, 1, 1, tzinfo=UTC)


def requests(instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=AT)
    return list(SCHEDULE.evaluate_tick(context).run_requests)


def test_yesterday_and_today_are_one_run(settings: Settings) -> None:
    with opened_instance(settings) as instance:
        (request,) = requests(instance)
    assert request.run_key == "2026-03-01T01:00:00+00:00"
    assert request.tags["dagster/asset_partition_range_start"] == "2026-02-28"
    assert request.tags["dagster/asset_partition_range_end"] == "2026-03-01"
    assert request.tags["hour"] == "1"


@pytest.mark.parametrize(
    ("status", "asks"),
    [
        pytest.param(dg.DagsterRunStatus.STARTING, False, id="one waits"),
        pytest.param(dg.DagsterRunStatus.STARTED, False, id="one goes on"),
        pytest.param(dg.DagsterRunStatus.FAILURE, True, id="one failed"),
    ],
)
def test_it_does_not_ask_while_its_last_run_goes_on(settings: Settings, status, asks) -> None:
    with opened_instance(settings) as instance:
        instance.add_run(dg.DagsterRun("j", status=status, tags={"dagster/schedule_name": "nightly"}))
        assert bool(requests(instance)) is asks
