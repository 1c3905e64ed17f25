"""Dagster door: the job sweeps with the settings of the world and tells what it did, without a user's data."""

import dagster as dg
import pytest

from analytics_pipelines.dagster_kit.world import WORLD, world_resource
from analytics_pipelines.datasets.assets import NAME, jobs, schedules
from analytics_pipelines.datasets.folders import Folders
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.datasets.kept.examples import kept, made_user, put_files


@pytest.fixture
def connected(tmp_path, database_urls):
    return settings_in(tmp_path / "home", database_url=database_urls.app)


def definitions(settings, status=dg.DefaultScheduleStatus.STOPPED) -> dg.Definitions:
    return dg.Definitions(
        jobs=jobs(),
        schedules=schedules(status),
        resources={WORLD: world_resource(settings)},
        executor=dg.in_process_executor,
    )


def test_the_job_removes_what_has_expired_and_tells_it(connected, database):
    folders, user_id = Folders.of(connected), made_user(database)
    expired, missing = kept(database, user_id, days_ago=31), kept(database, user_id, filename="secret.csv")
    put_files(folders, expired)
    done = definitions(connected).resolve_job_def(NAME).execute_in_process()
    assert done.success
    (made,) = [event for event in done.all_node_events if event.is_successful_output]
    told = {name: value.value for name, value in made.step_output_data.metadata.items()}
    assert (told["datasets"], told["freed_bytes"], told["without_file"]) == (1, 100, 1)
    assert told["ids_without_file"] == missing.id
    assert "secret" not in str(told)
    assert folders.places() == []


@pytest.mark.parametrize("status", [dg.DefaultScheduleStatus.RUNNING, dg.DefaultScheduleStatus.STOPPED])
def test_the_schedule_asks_for_the_job_once_a_day(settings, status):
    loaded = definitions(settings, status)
    dg.Definitions.validate_loadable(loaded)
    (schedule,) = schedules(status)
    assert (schedule.job_name, schedule.cron_schedule, schedule.execution_timezone) == (NAME, "15 4 * * *", "UTC")
    assert schedule.default_status is status
