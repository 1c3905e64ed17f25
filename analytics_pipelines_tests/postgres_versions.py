"""Servers of other versions than the one that we embed: the wheel carries 16 too, and a machine may have 15."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from analytics_pipelines.foundation.postgres.server import binaries, embedded_server
from analytics_pipelines.foundation.postgres.server.binaries import Binaries
from analytics_pipelines.foundation.postgres.server.credentials import read_credentials
from analytics_pipelines.foundation.postgres.server.embedded_server import EmbeddedServer
from analytics_pipelines.foundation.postgres.urls import conninfo, parsed
from analytics_pipelines_tests.conftest import settings_in

INSTALLED_15 = Path("/usr/lib/postgresql/15")
HAS_15 = (INSTALLED_15 / "bin" / "postgres").is_file()
OTHER_VERSIONS = [
    pytest.param(16, id="16"),
    pytest.param(15, id="15", marks=pytest.mark.skipif(not HAS_15, reason="no PostgreSQL 15 is installed")),
]


@contextmanager
def server_of(version: int, home: Path) -> Iterator[str]:
    """Conninfo of the superuser of an empty server of that version, for as long as the block runs."""
    settings = settings_in(home)
    with _programs(version):
        server = EmbeddedServer(settings)
        # The schema of ours is not what other versions are asked for.
        with patch.object(embedded_server, "migrate"):
            urls = server.start()
    try:
        sockets = Path(str(parsed(urls.app).query["host"]))
        yield conninfo(read_credentials(settings.home.postgres).superuser_url(sockets, "postgres"))
    finally:
        server.stop()


@contextmanager
def _programs(version: int) -> Iterator[None]:
    if version == 15:
        with patch.object(embedded_server, "binaries_for", lambda *_: Binaries(INSTALLED_15)):
            yield
    else:
        with patch.object(binaries, "VERSION", "pginstall"):
            yield
