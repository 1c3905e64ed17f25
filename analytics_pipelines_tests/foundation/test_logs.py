"""Log lines: JSON, with ids, at the level of the settings, and never with a secret in them."""

import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.foundation.logs import (
    HANDLER_NAME,
    HIDDEN,
    bind,
    bound,
    configure,
    current_request_id,
    without_secrets,
)
from analytics_pipelines_tests.apps import logs_as_before
from analytics_pipelines_tests.conftest import settings_in

__all__ = ["logs_as_before"]


@pytest.fixture
def lines(settings, capsys, logs_as_before):
    configure(settings, service="test")
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_json_with_service_level_time_and_values(lines):
    structlog.get_logger("room.verb").info("published %s", "a table", rows=3)
    (line,) = lines()
    assert line.pop("logged_at").endswith("Z")
    assert line == {
        "service": "test",
        "logger": "room.verb",
        "level": "info",
        "event": "published a table",
        "rows": 3,
    }


def test_libraries_logs_come_in_the_same_form(lines):
    logging.getLogger("uvicorn.error").warning("port %d", 8000)
    (line,) = lines()
    assert (line["event"], line["level"], line["logger"]) == ("port 8000", "warning", "uvicorn.error")


def test_ids_are_on_every_line_inside_and_on_none_after(lines):
    with bound(request_id="r1"):
        bind(run_id="run1")
        assert current_request_id() == "r1"
        logging.getLogger("library").warning("inside")
    structlog.contextvars.unbind_contextvars("run_id")
    logging.getLogger("library").warning("after")
    inside, after = lines()
    assert (inside["request_id"], inside["run_id"]) == ("r1", "run1")
    assert "request_id" not in after
    assert current_request_id() is None


def test_a_traceback_is_part_of_its_line(lines):
    structlog.get_logger("room").error("failed", exc_info=RuntimeError("password=hunter2 did not work"))
    (line,) = lines()
    assert "RuntimeError" in line["exception"]
    assert "hunter2" not in line["exception"]


def test_a_value_that_is_no_json_is_still_a_line(lines, tmp_path):
    structlog.get_logger("room").info("made", path=tmp_path)
    assert lines()[0]["path"] == str(tmp_path)


def test_a_record_that_can_not_be_written_ends_no_work(lines, capsys):
    (handler,) = [each for each in logging.getLogger().handlers if each.get_name() == HANDLER_NAME]
    handler.handle(logging.makeLogRecord({"msg": "%d", "args": ("not a number",)}))
    assert "Logging error" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "written"),
    [
        pytest.param({}, ["info", "warning"], id="development"),
        pytest.param({"environment": "production", "secret_key": "k" * 32}, ["warning"], id="production"),
        pytest.param({"log_level": "debug"}, ["debug", "info", "warning"], id="an explicit level"),
    ],
)
def test_the_settings_say_from_which_level_on(lines, tmp_path, given, written):
    configure(settings_in(tmp_path, **given), service="test")
    log = structlog.get_logger("room")
    for level in ("debug", "info", "warning"):
        getattr(log, level)("told")
    assert [line["level"] for line in lines()] == written


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("password", "hunter2", id="by its name"),
        pytest.param("database_url", "postgresql://app:hunter2@localhost/x", id="in a URL"),
        pytest.param("header", "Authorization: Bearer hunter2", id="a bearer token"),
        pytest.param("header", "Authorization: Basic hunter2=", id="basic credentials"),
        pytest.param("error", "connecting with password='hunter2' failed", id="in libpq's words"),
        pytest.param("argument", "apt_hunter2", id="a service token"),
        pytest.param("nested", {"api_key": "hunter2", "list": ["password=hunter2"]}, id="deeper down"),
    ],
)
def test_secrets_are_hidden(field, value):
    hidden = without_secrets(None, "", {field: value})
    assert "hunter2" not in str(hidden)
    assert HIDDEN in str(hidden)


@pytest.mark.parametrize(
    "value", ["https://example.com/a@b", "10:30:00", "a bare word, the password is wrong", 7, None, ["x"]]
)
def test_what_is_no_secret_stays(value):
    assert without_secrets(None, "", {"value": value}) == {"value": value}


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), min_size=8))
def test_no_password_in_a_url_gets_through(password):
    assert password not in str(without_secrets(None, "", {"told": f"at postgresql://user:{password}@host/db now"}))
