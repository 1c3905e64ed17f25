"""Ready when a connection works; otherwise the reason, or the end of our patience."""

import json
import os
from pathlib import Path

import psycopg
import pytest

from analytics_pipelines.foundation.errors import SetupError, TimedOut
from analytics_pipelines.foundation.postgres.embedded import EmbeddedServer, running_database
from analytics_pipelines.foundation.postgres.server import embedded_server, readiness
from analytics_pipelines.foundation.postgres.server.credentials import FILE_NAME
from analytics_pipelines.foundation.postgres.server.process import survivors
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines_tests.conftest import settings_in


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose server has run once."""
    found = tmp_path_factory.mktemp("readiness") / "home"
    with running_database(settings_in(found)):
        return found


def test_when_it_gives_up_its_last_words_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(embedded_server.SERVER_SETTINGS, "max_connections", "many")
    with pytest.raises(SetupError, match="max_connections"):
        EmbeddedServer(settings_in(home)).start()


def test_patience_is_a_setting(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "lets_in", lambda _: False)
    server = EmbeddedServer(settings_in(home, embedded_postgres_start_timeout_s=0.3))
    with pytest.raises(TimedOut, match="EMBEDDED_POSTGRES_START_TIMEOUT_S"):
        server.start()
    assert not server.poll()
    assert survivors(home / "postgres/data") == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(
            json.dumps({"superuser": "a", "owner": "b", "app": "c"}), "refuses the passwords", id="of another home"
        ),
        pytest.param("{}", "can not be read", id="broken"),
    ],
)
def test_wrong_credentials_end_the_wait_at_once(home: Path, content: str, told: str) -> None:
    file = home / "postgres" / FILE_NAME
    kept = file.read_text()
    file.write_text(content)
    with pytest.raises(SetupError, match=told):
        EmbeddedServer(settings_in(home)).start()
    file.write_text(kept)


def test_a_socket_that_we_may_not_enter_is_no_reason_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise psycopg.OperationalError("connection to server on socket failed: Permission denied")

    monkeypatch.setattr(psycopg, "connect", refused)
    with pytest.raises(SetupError, match="plain user"):
        readiness.lets_in("host=/somewhere")


def test_a_long_log_is_put_aside(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LARGEST_LOG_BYTES", 3)
    for said in ("first", "second"):
        with readiness.log_of(settings.home) as log:
            os.write(log.descriptor, said.encode())
            assert log.said() == said
    assert (settings.home.logs / "postgres.log").read_text() == "second"
    assert (settings.home.logs / "postgres.log.1").read_text() == "first"
