"""Plans that run: any worker can ask for the end of one, if it is the caller's."""

import pytest

from analytics_pipelines.datasets.kept.running import (
    NoSuchRun,
    RunningPlan,
    ask_to_cancel,
    end_running,
    is_cancelled,
    running_of,
    start_running,
)
from analytics_pipelines_tests.datasets.kept.examples import NOW, removed_user


def started(database, user_id: str) -> str:
    return start_running(database, user_id, subject="out_web__daily_metrics", plan_hash="ab" * 32, at=NOW)


def test_a_plan_is_listed_from_its_start_to_its_end(database, anna):
    run = started(database, anna)
    plan = {"subject": "out_web__daily_metrics", "plan_hash": "ab" * 32, "started_at": NOW, "cancel_asked_at": None}
    assert running_of(database, anna) == [RunningPlan(id=run, **plan)]
    assert not is_cancelled(database, anna, run)
    end_running(database, anna, run)
    assert running_of(database, anna) == []
    end_running(database, anna, run)


def test_a_plan_is_cancelled_once_and_for_all(database, anna):
    run, other = started(database, anna), started(database, anna)
    for _ in range(2):
        ask_to_cancel(database, anna, run, at=NOW)
    assert [is_cancelled(database, anna, each) for each in (run, other)] == [True, False]
    assert {each.id: each.cancel_asked_at for each in running_of(database, anna)} == {run: NOW, other: None}


@pytest.mark.parametrize("run", ["", "\x00", "\ud800", "' OR true --", "3897dbaf-cd7f-40c7-aa07-51df3c26da84"])
def test_what_does_not_run_can_not_be_cancelled(database, anna, run):
    with pytest.raises(NoSuchRun):
        ask_to_cancel(database, anna, run, at=NOW)


def test_a_plan_of_another_can_not_be_cancelled_or_ended(database, anna, berta):
    run = started(database, berta)
    with pytest.raises(NoSuchRun):
        ask_to_cancel(database, anna, run, at=NOW)
    end_running(database, anna, run)
    assert not is_cancelled(database, berta, run)


def test_a_plan_whose_user_is_gone_is_to_stop(database, anna):
    run = started(database, anna)
    removed_user(database, anna)
    assert is_cancelled(database, anna, run)
    end_running(database, anna, run)
