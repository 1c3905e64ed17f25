"""Sensors: one run a request whatever crashes between, requests closed, materializations mirrored."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import dagster as dg
import pytest
import sqlalchemy as sa

from analytics_pipelines.dagster_kit.instance import opened_instance
from analytics_pipelines.dagster_kit.launch import SILENT
from analytics_pipelines.dagster_kit.partitions import range_tags
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations.assets import AWAY, REQUEST_TAG, mirror, run_requests, sensors, touched_days
from analytics_pipelines.operations.heartbeat import DAEMON, last_beat
from analytics_pipelines.operations.mirror import freshness
from analytics_pipelines.operations.requests import RunRequest, State, Wish, advance, by_id, create, unfinished
from analytics_pipelines.web_events.log_tables import EVENT_LOG
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.dagster_kit.tables import POINTS, SUMS, definitions, points_unless
from analytics_pipelines_tests.web_events.log_rows import log_row, put

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAYS = (date(2026, 11, 19), date(2026, 11, 20))
ASSETS = [POINTS.name, SUMS.name]
ON = dg.DefaultSensorStatus.RUNNING
ENDS = {dg.DagsterEventType.RUN_SUCCESS, dg.DagsterEventType.RUN_FAILURE}
STATUSES = {
    dg.DagsterRunStatus.NOT_STARTED: State.QUEUED,
    dg.DagsterRunStatus.STARTING: State.QUEUED,
    dg.DagsterRunStatus.STARTED: State.RUNNING,
    dg.DagsterRunStatus.CANCELING: State.RUNNING,
    dg.DagsterRunStatus.SUCCESS: State.SUCCEEDED,
    dg.DagsterRunStatus.FAILURE: State.FAILED,
    dg.DagsterRunStatus.CANCELED: State.CANCELLED,
}


@pytest.fixture
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    with opened_instance(settings) as found:
        yield found


def asked(database: Database, *assets: str, days: tuple[date, date] = DAYS) -> RunRequest:
    return create(database, Wish(assets, *days), requested_by="anna", now=NOW)


def tick(settings: Settings, instance: dg.DagsterInstance):
    sensor = run_requests(settings, "everything", ASSETS, ON)
    return sensor.evaluate_tick(dg.build_sensor_context(instance=instance))


def launched(instance: dg.DagsterInstance, asked_for: dg.RunRequest, status=dg.DagsterRunStatus.NOT_STARTED) -> str:
    """What Dagster's daemon does with a run request, but for the run itself."""
    run = dg.DagsterRun("everything", tags=dict(asked_for.tags), status=status)
    instance.add_run(run)
    return run.run_id


def run_really(settings: Settings, instance: dg.DagsterInstance, request: RunRequest, make=None):
    job = definitions(settings, points_unless(make or {})).resolve_job_def("both")
    tags = {REQUEST_TAG: request.id, **range_tags(*DAYS)}
    return job.execute_in_process(SILENT, instance, tags=tags, raise_on_error=False)


def test_a_request_becomes_one_run_of_all_its_days(connected, database, instance) -> None:
    request = asked(database, POINTS.name)
    (found,) = tick(connected, instance).run_requests
    assert found.run_key == request.id
    assert found.tags.items() >= {REQUEST_TAG: request.id, **range_tags(*DAYS)}.items()
    assert found.asset_selection == [dg.AssetKey(POINTS.name)]


def test_a_request_for_everything_chooses_nothing(connected, database, instance) -> None:
    asked(database)
    (found,) = tick(connected, instance).run_requests
    assert not found.asset_selection


def test_a_crash_before_the_run_exists_asks_again_under_the_same_key(connected, database, instance) -> None:
    request = asked(database)
    first, second = tick(connected, instance), tick(connected, instance)
    assert [found.run_key for found in (*first.run_requests, *second.run_requests)] == [request.id, request.id]
    assert by_id(database, request.id).state is State.NEW


def test_once_the_run_exists_it_is_not_asked_for_again(connected, database, instance) -> None:
    request = asked(database)
    run_id = launched(instance, tick(connected, instance).run_requests[0])
    assert tick(connected, instance).run_requests == []
    found = by_id(database, request.id)
    assert (found.state, found.run_id) == (State.QUEUED, run_id)


@pytest.mark.parametrize(("status", "state"), [pytest.param(*pair, id=pair[0].value) for pair in STATUSES.items()])
def test_a_request_follows_its_run(connected, database, instance, status, state) -> None:
    request = asked(database)
    run_id = launched(instance, tick(connected, instance).run_requests[0], status)
    tick(connected, instance)
    assert (by_id(database, request.id).state, by_id(database, request.id).run_id) == (state, run_id)


def test_a_request_whose_run_was_deleted_is_cancelled(connected, database, instance) -> None:
    request = asked(database)
    run_id = launched(instance, tick(connected, instance).run_requests[0])
    tick(connected, instance)
    instance.delete_run(run_id)
    assert tick(connected, instance).run_requests == []
    found = by_id(database, request.id)
    assert (found.state, found.error) == (State.CANCELLED, "Dagster no longer knows the run of this request.")


def test_a_run_that_is_run_again_by_hand_leaves_the_first_one_in_charge(connected, database, instance) -> None:
    request = asked(database)
    (wanted,) = tick(connected, instance).run_requests
    first = launched(instance, wanted, dg.DagsterRunStatus.STARTED)
    launched(instance, wanted, dg.DagsterRunStatus.SUCCESS)
    tick(connected, instance)
    assert (by_id(database, request.id).state, by_id(database, request.id).run_id) == (State.RUNNING, first)


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        pytest.param(Wish(("nope",), *DAYS), "There are no such assets: nope.", id="an asset of an older version"),
        pytest.param(
            Wish((), date(1999, 1, 1), DAYS[0]),
            "There are no partitions for some of these days.",
            id="a day before all",
        ),
    ],
)
def test_an_impossible_request_fails_without_holding_up_others(connected, database, instance, wish, error) -> None:
    bad = create(database, wish, requested_by="anna", now=NOW)
    good = asked(database)
    assert [found.run_key for found in tick(connected, instance).run_requests] == [good.id]
    found = by_id(database, bad.id)
    assert (found.state, found.error) == (State.FAILED, error)


def test_every_look_is_a_heartbeat(connected, database, instance) -> None:
    assert tick(connected, instance).skip_message == "No new request."
    assert last_beat(database, DAEMON) is not None


def test_without_a_database_the_sensor_waits(settings, instance) -> None:
    assert tick(settings, instance).skip_message == "The database is away."


def test_the_status_sensors_close_a_request_with_a_short_error(connected, database, instance) -> None:
    def poison(making):
        raise ValueError("three\nlines\nof text")

    request = asked(database)
    result = run_really(connected, instance, request, {DAYS[1]: poison})
    assert not result.success
    react(connected, instance, result, "request_failed")
    found = by_id(database, request.id)
    assert (found.state, found.run_id) == (State.FAILED, result.run_id)
    assert found.error == "raw_test__points: ValueError: three"


def test_a_run_that_succeeds_closes_its_request(connected, database, instance) -> None:
    request = asked(database)
    result = run_really(connected, instance, request)
    react(connected, instance, result, "request_succeeded")
    assert by_id(database, request.id).state is State.SUCCEEDED


def test_without_a_database_a_status_sensor_leaves_the_rest_to_the_next_look(tmp_path, settings, instance) -> None:
    request = RunRequest("x", Wish((), *DAYS), State.NEW, None, None, "anna", NOW, NOW)
    result = run_really(settings, instance, request)
    assert react(settings_in(tmp_path / "home"), instance, result, "request_succeeded") is None


def test_one_look_takes_runs_that_answer_a_request_and_others_that_do_not(connected, database, instance) -> None:
    sensor = follower(connected, "request_succeeded")
    begun = sensor.evaluate_tick(dg.build_sensor_context(instance=instance))
    definitions(connected).resolve_job_def("both").execute_in_process(SILENT, instance, tags=range_tags(*DAYS))
    request = asked(database)
    run_really(connected, instance, request)
    seen = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=begun.cursor))
    assert [reaction.error for reaction in seen.dagster_run_reactions] == [None, None]
    assert seen.cursor != begun.cursor
    assert by_id(database, request.id).state is State.SUCCEEDED


def follower(settings: Settings, name: str) -> dg.SensorDefinition:
    """The status sensor of that name."""
    return next(each for each in sensors(settings, job="everything", assets=ASSETS, status=ON) if each.name == name)


def react(settings: Settings, instance: dg.DagsterInstance, result, name: str) -> dg.SkipReason | None:
    """Let the status sensor of that name see the run."""
    run = instance.get_run_by_id(result.run_id)
    (found,) = (each for each in result.all_events if each.event_type in ENDS)
    return follower(settings, name)(dg.build_run_status_sensor_context(name, found, instance, run))


def test_what_runs_made_is_mirrored_once(connected, database, instance) -> None:
    copier = mirror(connected, ASSETS, ON)
    run_really(connected, instance, asked(database))
    first = copier.evaluate_tick(dg.build_sensor_context(instance=instance))
    found = {each.asset: each for each in freshness(database)}
    assert (found[POINTS.name].partitions, found[POINTS.name].rows) == (2, 6)
    assert found[POINTS.name].newest_partition == "2026-11-20"
    assert set(json.loads(first.cursor)) == set(ASSETS)
    again = copier.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=first.cursor))
    assert again.skip_message == "Nothing new was made."


def test_days_of_which_a_backfill_made_nothing_are_not_mirrored(connected, database, instance) -> None:
    job = definitions(connected, points_unless({DAYS[1]: lambda _: None})).resolve_job_def("both")
    job.execute_in_process(SILENT, instance, tags={"dagster/backfill": "b", **range_tags(*DAYS)})
    copier = mirror(connected, ASSETS, ON)
    first = copier.evaluate_tick(dg.build_sensor_context(instance=instance))
    assert {each.asset: each.partitions for each in freshness(database)} == {POINTS.name: 1, SUMS.name: 2}
    again = copier.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=first.cursor))
    assert again.skip_message == "Nothing new was made."


def test_without_a_database_the_mirror_keeps_its_place(settings, instance) -> None:
    request = RunRequest("x", Wish((), *DAYS), State.NEW, None, None, "anna", NOW, NOW)
    run_really(settings, instance, request)
    answer = mirror(settings, ASSETS, ON).evaluate_tick(dg.build_sensor_context(instance=instance, cursor="{}"))
    assert (answer.skip_message, answer.cursor) == ("The database is away.", "{}")


def test_many_partitions_are_mirrored_in_several_looks(connected, database, instance, monkeypatch) -> None:
    monkeypatch.setattr("analytics_pipelines.operations.assets.MOST_EVENTS_A_TICK", 3)
    run_really(connected, instance, asked(database))
    cursor, looks = None, 0
    while (answer := looked(connected, instance, cursor)).skip_message != "Nothing new was made.":
        cursor, looks = answer.cursor, looks + 1
    assert looks == 2
    assert sum(each.partitions for each in freshness(database)) == 4


def looked(settings: Settings, instance: dg.DagsterInstance, cursor: str | None):
    return mirror(settings, ASSETS, ON).evaluate_tick(dg.build_sensor_context(instance=instance, cursor=cursor))


def test_a_closed_request_stays_closed(connected, database, instance) -> None:
    request = asked(database)
    (wanted,) = tick(connected, instance).run_requests
    advance(database, request.id, State.CANCELLED, now=NOW, run_id=None)
    launched(instance, wanted, dg.DagsterRunStatus.STARTED)
    tick(connected, instance)
    assert by_id(database, request.id).state is State.CANCELLED


def look(settings: Settings, instance: dg.DagsterInstance) -> str:
    """What the sensor of touched days says of one look."""
    found = touched_days(settings, ON).evaluate_tick(dg.build_sensor_context(instance=instance))
    assert not found.run_requests
    return found.skip_message or ""


def test_new_events_become_a_run_request_of_their_days(connected, database, instance) -> None:
    assert look(connected, instance) == "0 run requests were made."
    put(database, log_row("a"))
    assert look(connected, instance) == "1 run requests were made."
    (request,) = unfinished(database)
    assert (request.wish.first_date, request.wish.last_date) == (date(2026, 3, 4), date(2026, 3, 6))
    assert request.requested_by == "touched_days"
    assert look(connected, instance) == "0 run requests were made."


def test_a_log_that_somebody_holds_is_told_and_old_touches_are_answered(connected, database, instance) -> None:
    put(database, log_row("a"))
    with database.engine.begin() as connection:
        connection.execute(sa.insert(EVENT_LOG), log_row("b"))
        assert look(connected, instance).startswith(
            "0 run requests were made. The event log could not be fenced: test (pid "
        )
    assert look(connected, instance) == "1 run requests were made."


def test_without_a_database_the_days_wait(settings, instance) -> None:
    assert look(settings, instance) == AWAY.skip_message
