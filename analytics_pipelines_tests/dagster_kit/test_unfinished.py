"""Runs that wait or go on are told by who asked for them."""

import dagster as dg
import pytest

from analytics_pipelines.dagster_kit.unfinished import SCHEDULE, SENSOR, has_unfinished


@pytest.mark.parametrize(
    ("status", "is_unfinished"),
    [
        (dg.DagsterRunStatus.STARTING, True),
        (dg.DagsterRunStatus.STARTED, True),
        (dg.DagsterRunStatus.SUCCESS, False),
        (dg.DagsterRunStatus.FAILURE, False),
    ],
)
def test_a_run_is_unfinished_until_it_ends(status, is_unfinished):
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(dg.DagsterRun(job_name="job", status=status, tags={SENSOR: "watch"}))
        assert has_unfinished(instance, SENSOR, "watch") == is_unfinished
        assert not has_unfinished(instance, SENSOR, "other")
        assert not has_unfinished(instance, SCHEDULE, "watch")
