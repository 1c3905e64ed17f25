"""A home whose server has run before, shared by the tests of one file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_pipelines.foundation.postgres.embedded import EmbeddedServer, running_database
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.foundation.postgres.processes import execute


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a long path, spaces and letters of other alphabets, below a folder that only we may enter."""
    locked = tmp_path_factory.mktemp("private")
    locked.chmod(0o700)
    found = locked / "mein Zuhause %41 'ü' 家" / ("long" * 20) / "home"
    with running_database(settings_in(found)) as urls:
        execute(urls, "CREATE SCHEMA kept")
        execute(urls, "CREATE TABLE kept.line (number int)")
    return found


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedServer]:
    """A supervisor for that home that has not started yet; stopped at the end."""
    found = EmbeddedServer(settings_in(home))
    yield found
    found.stop()
