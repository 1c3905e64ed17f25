from datetime import date
from pathlib import Path

import pytest

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.settings import Settings, child_environment, load


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_those_of_the_contract():
    settings = load()
    assert settings.home.path == Path.cwd() / ".analytics"
    assert settings.allowed_origins == ("http://localhost:3000",)
    assert (settings.database_pool_size, settings.database_max_overflow) == (10, 20)
    assert (settings.duckdb_memory_limit, settings.duckdb_worker_threads) == ("4GB", 4)
    assert settings.duckdb_max_memory_percentage == 60
    assert settings.query_timeout == 30
    assert (settings.lake_start_date, settings.timezone_ahead_days) == (date(2010, 1, 1), 2)
    assert settings.snapshots_folder == settings.home.snapshots
    assert settings.effective_log_level == "INFO"
    assert settings.auto_registers_sites
    assert not settings.reads_need_auth


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        pytest.param(
            "ALLOWED_ORIGINS", "https://a, ,https://b", "allowed_origins", ("https://a", "https://b"), id="list"
        ),
        pytest.param("LOG_LEVEL", "debug", "effective_log_level", "DEBUG", id="level in any case"),
        pytest.param("LOG_LEVEL", "", "effective_log_level", "INFO", id="empty counts as absent"),
        pytest.param("SNAPSHOTS_PATH", "/data/scans", "snapshots_folder", Path("/data/scans"), id="path"),
        pytest.param("COLLECT_AUTO_REGISTER_SITES", "false", "auto_registers_sites", False, id="chosen"),
        pytest.param("collect_auto_register_sites", "false", "auto_registers_sites", False, id="name in any case"),
    ],
)
def test_the_environment_is_read(monkeypatch, name, value, field, expected):
    monkeypatch.setenv(name, value)
    assert getattr(load(), field) == expected


def test_production_has_other_defaults(monkeypatch):
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    settings = load()
    assert settings.is_production
    assert settings.effective_log_level == "WARNING"
    assert not settings.auto_registers_sites
    assert settings.reads_need_auth
    assert settings.role_of_registered is None


def test_what_is_given_wins_over_the_environment_and_that_over_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("API_PORT=1\nDAGSTER_PORT=1\nUNKNOWN_TO_US=1\nAPI_WORKERS=3\n")
    monkeypatch.setenv("API_PORT", "2")
    monkeypatch.setenv("DAGSTER_PORT", "2")
    settings = load(api_port=4)
    assert (settings.api_port, settings.dagster_port, settings.api_workers) == (4, 2, 3)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        pytest.param({"api_port": "70000"}, "API_PORT: ", id="out of range"),
        pytest.param({"log_level": "loud"}, "LOG_LEVEL: must be DEBUG", id="unknown level"),
        pytest.param({"database_url": "sqlite:///x.db"}, "must be a postgresql:// URL", id="sqlite"),
        pytest.param({"duckdb_memory_limit": "plenty"}, "DUCKDB_MEMORY_LIMIT: ", id="no size"),
        pytest.param(
            {"environment": "production", "allowed_origins": "*"}, "ALLOWED_ORIGINS must name origins", id="open CORS"
        ),
        pytest.param(
            {"environment": "production", "collect_auto_register_sites": True},
            "COLLECT_AUTO_REGISTER_SITES must be false",
            id="open registration",
        ),
        pytest.param({"environment": "production"}, "SECRET_KEY must be set", id="no secret"),
        pytest.param({"secret_key": "short"}, "SECRET_KEY: must have 32 characters", id="a short secret"),
        pytest.param({"registration_role": "admin"}, "REGISTRATION_ROLE: ", id="admins for all"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_variable(given, complaint):
    with pytest.raises(SetupError) as caught:
        load(**given)
    assert complaint in caught.value.detail
    assert "\n" not in str(caught.value)


def test_all_wrong_values_are_named_at_once():
    with pytest.raises(SetupError, match=r"API_PORT.*; API_WORKERS"):
        load(api_port=-1, api_workers=0)


def test_a_secret_is_neither_shown_nor_complained_about_in_full():
    settings = load(database_url="postgresql://user:hunter2@host/db")
    assert "hunter2" not in repr(settings)
    with pytest.raises(SetupError) as caught:
        load(database_url="mysql://user:hunter2@host/db")
    assert "hunter2" not in str(caught.value)


def test_settings_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        Settings(_env_file=None).api_port = 1


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="nothing given"),
        pytest.param(
            {
                "environment": "production",
                "secret_key": "k" * 32,
                "database_url": "postgresql://user:hunter2@host/db",
                "allowed_origins": "https://a,https://b",
                "collect_auto_register_sites": False,
                "api_port": 1234,
                "lake_start_date": date(2015, 1, 1),
            },
            id="every kind of value",
        ),
    ],
)
def test_a_child_builds_the_same_settings_from_its_environment(given, monkeypatch, tmp_path):
    settings = load(**given)
    environment = child_environment(settings, ANOTHER="x")
    monkeypatch.chdir(tmp_path.parent)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load() == settings.model_copy(update={"analytics_home": settings.home.path})
    assert environment["ANOTHER"] == "x"


def test_a_child_keeps_what_else_is_in_the_environment(monkeypatch):
    monkeypatch.setenv("SOMETHING_ELSE", "kept")
    assert child_environment(load())["SOMETHING_ELSE"] == "kept"


def test_what_was_given_as_nothing_is_not_named_to_the_child():
    assert "DATABASE_URL" not in child_environment(load(database_url=None))
