"""Where Dagster keeps its state, and what is written there."""

from pathlib import Path

import yaml

from analytics_pipelines.dagster_kit.instance import dagster_home, opened_instance
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
