"""The door of extensions over HTTP."""

from analytics_pipelines.sql_service.routes.extensions import router
from analytics_pipelines_tests.apps import small_app, start
from analytics_pipelines_tests.conftest import settings_in

__all__ = ["start"]
PATH = "/api/v1/duckdb/extensions"


def test_what_is_built_in_can_be_used_and_the_rest_only_once_enabled(settings, start):
    told = {each["name"]: each for each in start(small_app(settings, router)).get(PATH).json()}
    assert (told["json"]["built_in"], told["json"]["installed"], told["json"]["enabled"]) == (True, True, True)
    assert told["json"]["version"].startswith("v")
    assert (told["spatial"]["built_in"], told["spatial"]["installed"], told["spatial"]["enabled"]) == (
        False,
        False,
        False,
    )


def test_a_setting_that_can_not_be_is_told(tmp_path, start):
    settings = settings_in(tmp_path / "home", sql_extensions=("httpfs",))
    answer = start(small_app(settings, router)).get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (500, "SetupError")
    assert "SQL_EXTENSIONS" in answer.json()["remedy"]
