"""Where Dagster keeps its state, and what is written there."""

import shutil
import sqlite3
from pathlib import Path

import pytest
import yaml
from sqlalchemy.exc import OperationalError

from analytics_pipelines.dagster_kit.instance import dagster_home, opened_instance, state_errors
from analytics_pipelines.foundation.errors import DiskFull, Unavailable
from analytics_pipelines.foundation.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_file_at_the_root_is_the_one_in_the_package() -> None:
    packaged = ROOT / "analytics_pipelines" / "dagster_kit" / "dagster.yaml"
    assert (ROOT / "dagster.yaml").read_bytes() == packaged.read_bytes()


def test_the_home_gets_a_configuration_once(settings: Settings) -> None:
    home = dagster_home(settings)
    assert home.is_absolute()
    assert yaml.safe_load((home / "dagster.yaml").read_text())["telemetry"] == {"enabled": False}
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    dagster_home(settings)
    assert "concurrency" not in (home / "dagster.yaml").read_text()


def test_the_state_lies_in_the_home_whatever_the_environment_says(settings, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with opened_instance(settings) as instance:
        assert Path(instance.root_directory) == settings.home.dagster
        assert not instance.telemetry_enabled
    assert not (tmp_path / "history").exists()


@pytest.mark.parametrize(
    ("code", "free_bytes", "told"),
    [
        pytest.param(sqlite3.SQLITE_FULL, 2**30, DiskFull, id="SQLite says full"),
        pytest.param(sqlite3.SQLITE_IOERR_SHMSIZE, 4096, DiskFull, id="an input-output error on a full disk"),
        pytest.param(sqlite3.SQLITE_IOERR_FSYNC, 2**30, Unavailable, id="an input-output error with room left"),
        pytest.param(sqlite3.SQLITE_CORRUPT, 4096, OperationalError, id="an error that is no disk's"),
    ],
)
def test_a_disk_that_takes_no_state_is_told(code, free_bytes, told, monkeypatch, tmp_path) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=free_bytes)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    cause = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorcode = code
    with pytest.raises(told) as raised, state_errors(tmp_path):
        raise OperationalError("INSERT", {}, cause)
    assert type(raised.value) is told
