"""Steps are kept once, asked for by run or by asset, and forgotten in the end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.steps import KEPT, RunStep, last_steps, record_steps, steps_of_runs

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
FIRST = RunStep(
    run_id="r1", asset="a", has_succeeded=True, rows=5, days=2, failed_days=0, duration_s=0.25, ended_at=NOW
)
SECOND = replace(
    FIRST, asset="b", has_succeeded=False, rows=0, days=0, failed_days=3, ended_at=NOW + timedelta(seconds=1)
)
LATER = replace(FIRST, run_id="r2", rows=7, ended_at=NOW + timedelta(minutes=1))


def test_steps_are_told_by_run_in_the_order_in_which_they_ended(database: Database) -> None:
    record_steps(database, [SECOND, FIRST, LATER])
    assert steps_of_runs(database, ["r1"]) == [FIRST, SECOND]
    assert steps_of_runs(database, ["r2", "r1"]) == [FIRST, SECOND, LATER]
    assert steps_of_runs(database, []) == []


def test_the_last_step_of_each_asset_tells_how_long_it_takes(database: Database) -> None:
    record_steps(database, [LATER, SECOND])
    record_steps(database, [FIRST])
    assert last_steps(database) == [LATER, SECOND]


def test_recording_again_changes_nothing_and_nothing_is_nothing(database: Database) -> None:
    record_steps(database, [FIRST])
    record_steps(database, [replace(FIRST, rows=9)])
    record_steps(database, [])
    assert steps_of_runs(database, ["r1"]) == [FIRST]


def test_old_steps_are_forgotten(database: Database) -> None:
    record_steps(database, [FIRST])
    record_steps(database, [replace(LATER, ended_at=NOW + KEPT)])
    assert steps_of_runs(database, ["r1"]) == [FIRST]
    record_steps(database, [replace(LATER, run_id="r3", ended_at=NOW + KEPT + timedelta(seconds=1))])
    assert steps_of_runs(database, ["r1"]) == []
