"""A Dagster home made once a process and copied for each test: making one takes half a second of work."""

import shutil
from pathlib import Path

import pytest

from analytics_pipelines.dagster_kit.instance import opened_instance
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines_tests.conftest import settings_in


@pytest.fixture(scope="session")
def dagster_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of a Dagster in which nothing has happened yet."""
    made = settings_in(tmp_path_factory.mktemp("dagster") / "home")
    with opened_instance(made) as instance:
        instance.get_runs()
        instance.get_records_for_run("none")
    return made.home.dagster


@pytest.fixture(autouse=True)
def _dagster_home(settings: Settings, dagster_template: Path) -> None:
    shutil.copytree(dagster_template, settings.home.dagster)
