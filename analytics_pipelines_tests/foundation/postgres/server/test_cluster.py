"""The data folder: whole or not there, and clear words when it can not be made."""

from pathlib import Path
from typing import Any

import pytest

from analytics_pipelines.foundation.errors import DiskFull, SetupError
from analytics_pipelines.foundation.postgres.embedded import EmbeddedServer
from analytics_pipelines.foundation.postgres.server import cluster
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines_tests.conftest import settings_in


def test_a_disk_without_room_is_refused_before_anything_is_made(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "SETUP_ROOM_BYTES", 2**60)
    with pytest.raises(DiskFull, match="Free some space"):
        EmbeddedServer(settings).start()
    assert not list(settings.home.postgres.glob("data*"))


def test_a_set_up_that_fails_leaves_nothing_and_lets_others_try(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "SUPERUSER", "pg_forbidden")
    for _ in range(2):
        with pytest.raises(SetupError, match="pg_"):
            EmbeddedServer(settings).start()
    assert not list(settings.home.postgres.glob("data*"))


@pytest.mark.parametrize(
    ("told", "kind", "words"),
    [
        pytest.param("FATAL: could not write: No space left on device\n", DiskFull, "No space", id="full disk"),
        pytest.param("a\n\nb\n c\nd \n", SetupError, "b / c / d", id="the last three lines"),
        pytest.param("", SetupError, "It failed", id="not a word"),
    ],
)
def test_the_last_words_of_postgresql_are_passed_on(told: str, kind: type[Exception], words: str) -> None:
    error = cluster.failed(told, "It failed")
    assert type(error) is kind
    assert words in str(error)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda home: home.write_text("a file"), id="a file in its place"),
        pytest.param(lambda home: (home.mkdir(), (home / "postgres").write_text("")), id="a file for a folder"),
    ],
)
def test_a_home_that_is_none_is_called_so(tmp_path: Path, spoil: Any) -> None:
    home = tmp_path / "home"
    spoil(home)
    with pytest.raises(SetupError, match="ANALYTICS_HOME is not a folder"):
        EmbeddedServer(settings_in(home)).start()
