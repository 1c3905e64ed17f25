"""What is asked for when somebody would rather wait: the touched days, those of one type, one day's metrics."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations import requests
from analytics_pipelines.operations.requests import State, advance
from analytics_pipelines.operations.run_sync import (
    Progress,
    calculate,
    open_remakes,
    process,
    progress,
    sync,
    unprocessed_days,
)
from analytics_pipelines.operations.steps import RunStep, record_steps
from analytics_pipelines.operations.wish import DaysOutOfRange
from analytics_pipelines.web_events import fence
from analytics_pipelines_tests.operations.visitors import NOON, receipt, store

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def step(run_id: str) -> RunStep:
    return RunStep(
        run_id=run_id, asset="a", has_succeeded=True, rows=1, days=1, failed_days=0, duration_s=1.0, ended_at=NOW
    )


def test_new_events_become_requests_once_and_are_waited_for_twice(database: Database, settings: Settings) -> None:
    store(database, [receipt("1", "anna"), receipt("2", "anna", NOON - 40 * DAY)])
    first = sync(settings, database, NOW)
    assert len(first.request_ids) == 2
    assert set(sync(settings, database, NOW).request_ids) == set(first.request_ids)
    assert {each.id for each in open_remakes(database)} == set(first.request_ids)
    assert all(each.wish.assets for each in requests.newest(database, 10))


def test_a_request_that_somebody_else_made_is_not_waited_for(database: Database, settings: Settings) -> None:
    made = calculate(settings, database, NOON.date(), requested_by="anna", now=NOW)
    assert sync(settings, database, NOW).request_ids == ()
    assert open_remakes(database) == []
    assert [each.id for each in requests.unfinished(database)] == list(made.request_ids)


def test_a_type_without_new_events_asks_for_nothing(database: Database, settings: Settings) -> None:
    store(database, [receipt("1", "anna")])
    assert process(settings, database, "click", NOW).request_ids == ()
    assert requests.newest(database, 10) == []
    assert len(process(settings, database, "pageview", NOW).request_ids) == 1


def test_days_of_a_type_are_those_past_the_fence_and_those_touched(database: Database) -> None:
    store(
        database,
        [
            receipt("1", "anna", NOON - 2 * DAY, event_at=NOON - 3 * DAY),
            receipt("2", "anna", NOON - 9 * DAY, event_type="click"),
            receipt("3", "anna", NOON - 20 * DAY, event_at=NOON - 400 * DAY),
        ],
    )
    days = {(NOON - back * DAY).date() for back in (2, 3, 20)}
    assert unprocessed_days(database, "pageview") == days
    fence.advance(database, NOW, late_event_days=3)
    assert unprocessed_days(database, "pageview") == days
    assert unprocessed_days(database, "click") == {(NOON - 9 * DAY).date()}
    fence.forget(database, fence.touched(database))
    assert unprocessed_days(database, "pageview") == set()


def test_progress_tells_requests_and_the_steps_of_their_runs(database: Database, settings: Settings) -> None:
    (request_id,) = calculate(settings, database, NOON.date(), requested_by="anna", now=NOW).request_ids
    record_steps(database, [step("r1"), step("r2")])
    found = progress(database, [request_id])
    assert (found.has_ended, found.has_failed, found.steps) == (False, False, ())
    advance(database, request_id, State.RUNNING, now=NOW, run_id="r1")
    assert progress(database, [request_id]).has_ended is False
    advance(database, request_id, State.SUCCEEDED, now=NOW, run_id="r1")
    found = progress(database, [request_id])
    assert (found.has_ended, found.has_failed, found.steps) == (True, False, (step("r1"),))


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_one_that_failed_is_enough_to_fail(database: Database, settings: Settings, state: State) -> None:
    good, bad = (calculate(settings, database, NOON.date(), requested_by="a", now=NOW).request_ids[0] for _ in range(2))
    advance(database, good, State.SUCCEEDED, now=NOW, run_id="r1")
    advance(database, bad, state, now=NOW, run_id=None, error="away")
    found = progress(database, [good, bad])
    assert (found.has_ended, found.has_failed) == (True, True)
    assert Progress((), ()).has_ended


def test_a_day_without_a_partition_is_refused(database: Database, settings: Settings) -> None:
    with pytest.raises(DaysOutOfRange):
        calculate(settings, database, date(2009, 12, 31), requested_by="anna", now=NOW)
