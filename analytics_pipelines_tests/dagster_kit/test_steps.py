"""What each step of a run did: rows and days made, days that failed, seconds."""

from datetime import date

import pytest

from analytics_pipelines.dagster_kit.instance import opened_instance
from analytics_pipelines.dagster_kit.launch import SILENT
from analytics_pipelines.dagster_kit.partitions import range_tags
from analytics_pipelines.dagster_kit.steps import steps_of
from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines_tests.dagster_kit.tables import POINTS, SUMS, definitions, points_unless

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 3)


def ran(settings, poisoned):
    """Id and steps of one run over three days."""
    with opened_instance(settings) as instance:
        job = definitions(settings, points_unless(poisoned)).resolve_job_def("both")
        result = job.execute_in_process(SILENT, instance, tags=range_tags(FIRST, LAST), raise_on_error=False)
        return result.run_id, {step.asset: step for step in steps_of(instance, result.run_id)}


def test_a_step_tells_rows_days_and_seconds(settings) -> None:
    run_id, steps = ran(settings, {})
    assert list(steps) == [POINTS.name, SUMS.name]
    points = steps[POINTS.name]
    assert (points.run_id, points.has_succeeded, points.rows, points.days, points.failed_days) == (
        run_id,
        True,
        9,
        3,
        0,
    )
    assert all(step.duration_s > 0 for step in steps.values())
    assert steps[SUMS.name].ended_at >= points.ended_at
    assert points.ended_at.utcoffset() is not None


def test_days_with_nothing_to_make_are_not_counted(settings) -> None:
    _, steps = ran(settings, {FIRST: lambda _: None})
    assert (steps[POINTS.name].rows, steps[POINTS.name].days) == (6, 2)


@pytest.mark.parametrize(
    ("kind", "days", "failed"),
    [pytest.param("rule", 2, 1, id="a day that breaks a rule"), pytest.param("bug", 0, 1, id="a step that broke")],
)
def test_a_failed_step_tells_how_many_days_it_left_out(settings, kind, days, failed) -> None:
    def poison(_: object) -> None:
        raise BadInput("no") if kind == "rule" else ValueError("no")

    _, steps = ran(settings, {FIRST: poison})
    points = steps[POINTS.name]
    assert (points.has_succeeded, points.days, points.failed_days) == (False, days, failed)
    assert SUMS.name not in steps


def test_a_run_that_nobody_knows_has_no_steps(settings) -> None:
    with opened_instance(settings) as instance:
        assert steps_of(instance, "no-such-run") == []
