"""The Dagster entrance: it loads without side effects, and its schedules wait to be switched on."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.dagster_kit.instance import opened_instance
from analytics_pipelines.definitions import EVERYTHING, GROUPS, build, job_name, schedules
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations.wish import asset_groups
from analytics_pipelines.product_export.assets import EXACTLY
from analytics_pipelines_tests.conftest import settings_in

ROOT = Path(__file__).parents[1]
LOADS = """
import sys
from analytics_pipelines.definitions import definitions
definitions()
print(*sorted(set(sys.modules) & {"fastapi", "starlette", "uvicorn", "vl_convert", "altair"}))
"""


LOGS = """
import structlog
from analytics_pipelines.definitions import definitions
from analytics_pipelines.foundation.logs import bound
definitions()
with bound(run_id="run-1"):
    structlog.get_logger("here").info("published")
"""


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", *arguments]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(cwd)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_loading_them_loads_no_web_framework_warns_of_nothing_and_writes_nothing(tmp_path: Path) -> None:
    done = python("-c", LOADS, cwd=tmp_path)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_what_loads_them_logs_json_lines_with_the_runs_id(tmp_path: Path) -> None:
    line = json.loads(python("-c", LOGS, cwd=tmp_path).stderr)
    assert (line["service"], line["event"], line["run_id"]) == ("dagster", "published", "run-1")


def test_every_table_of_the_catalog_is_an_asset_and_every_asset_can_be_asked_for(settings: Settings) -> None:
    specs = {spec.key.to_user_string(): spec for spec in build(settings).resolve_all_asset_specs()}
    assert {table.name for table in TABLES} <= specs.keys()
    by_group: dict[str, set[str]] = {}
    for name, spec in specs.items():
        by_group.setdefault(str(spec.group_name), set()).add(name)
    assert by_group == {group: set(names) for group, names in asset_groups().items()}
    assert by_group.keys() == GROUPS.keys()


def test_there_is_a_job_for_each_group_and_one_for_all(settings: Settings) -> None:
    definitions = build(settings)
    for name in (*map(job_name, GROUPS), EVERYTHING):
        assert definitions.resolve_job_def(name).description


@pytest.mark.parametrize(
    ("enabled", "status"),
    [
        pytest.param(False, dg.DefaultScheduleStatus.STOPPED, id="by default"),
        pytest.param(True, dg.DefaultScheduleStatus.RUNNING, id="under `analytics up`"),
    ],
)
def test_schedules_run_when_the_setting_says_so_and_sensors_always(tmp_path: Path, enabled, status) -> None:
    repository = build(settings_in(tmp_path, schedules_enabled=enabled)).get_repository_def()
    assert {each.default_status for each in repository.schedule_defs} == {status}
    assert {each.default_status for each in repository.sensor_defs} == {dg.DefaultSensorStatus.RUNNING}


def test_the_job_for_all_makes_days_and_generation_in_one_run(settings: Settings) -> None:
    from datetime import date

    from analytics_pipelines.dagster_kit.launch import materialize

    outcome = materialize(
        settings,
        build(settings),
        EVERYTHING,
        (date(2026, 3, 1), date(2026, 3, 2)),
        ["core_fs__directories", "serving_generation"],
    )
    assert outcome.has_succeeded, outcome.failures
    assert [each.asset for each in outcome.made] == ["serving_generation"]


@pytest.mark.parametrize(
    ("hour", "is_exact"), [pytest.param(3, True, id="at night"), pytest.param(4, False, id="else")]
)
def test_one_export_a_night_compares_every_value(settings: Settings, hour: int, is_exact: bool) -> None:
    (schedule,) = [each for each in schedules(settings) if each.name == "product_export_hourly"]
    at = datetime(2026, 3, 1, hour, 5, tzinfo=UTC)
    with (
        opened_instance(settings) as instance,
        dg.build_schedule_context(instance=instance, scheduled_execution_time=at) as context,
    ):
        (request,) = schedule.evaluate_tick(context).run_requests
    assert (EXACTLY.items() <= request.tags.items()) is is_exact
