"""What a run made and why it failed, without Dagster's wrapping."""

import dagster as dg
import pytest

from analytics_pipelines.dagster_kit.events import MOST_CHARACTERS, failures_of, materialized, materialized_by
from analytics_pipelines.dagster_kit.instance import opened_instance
from analytics_pipelines.dagster_kit.launch import SILENT


class Odd(Exception):
    """An error without a word."""


def failing(error: Exception) -> dg.JobDefinition:
    @dg.op
    def step() -> None:
        raise error

    @dg.job
    def broken() -> None:
        step()

    return broken


@pytest.mark.parametrize(
    ("error", "line"),
    [
        pytest.param(ValueError("one\ntwo"), "step: ValueError: one", id="the first line alone"),
        pytest.param(dg.Failure("days 1 and 2"), "step: days 1 and 2", id="a failure's own words"),
        pytest.param(Odd(), "step: test_events.Odd", id="an error without a word"),
        pytest.param(
            dg.Failure("x" * 5000), "step: " + "x" * (MOST_CHARACTERS - len("step: ") - 1) + "…", id="cut when long"
        ),
    ],
)
def test_a_failed_step_is_one_line(settings, error, line) -> None:
    with opened_instance(settings) as instance:
        result = failing(error).execute_in_process(SILENT, instance, raise_on_error=False)
        (told,) = failures_of(instance, result.run_id)
    assert told.replace("analytics_pipelines_tests.dagster_kit.", "").rstrip(": ") == line


def test_the_innermost_error_is_told(settings) -> None:
    chained = ValueError("outer")
    chained.__cause__ = KeyError("inner")
    with opened_instance(settings) as instance:
        result = failing(chained).execute_in_process(SILENT, instance, raise_on_error=False)
        assert failures_of(instance, result.run_id) == ["step: KeyError: 'inner'"]


def test_a_run_that_made_nothing_and_failed_nowhere_has_nothing_to_tell(settings) -> None:
    with opened_instance(settings) as instance:
        assert failures_of(instance, "no-such-run") == []
        assert materialized_by(instance, "no-such-run") == []


def test_only_materializations_are_materialized(settings) -> None:
    with opened_instance(settings) as instance:
        result = failing(ValueError("x")).execute_in_process(SILENT, instance, raise_on_error=False)
        records = instance.get_records_for_run(result.run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records
        with pytest.raises(ValueError, match="no materialization"):
            materialized(records[0])
