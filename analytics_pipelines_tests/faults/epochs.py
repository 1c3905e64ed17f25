"""A server whose transaction numbers are about to pass 2^32, where the numbers that rows keep begin again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import psycopg

from analytics_pipelines.foundation.postgres.server import embedded_server
from analytics_pipelines.foundation.postgres.server.account import server_account
from analytics_pipelines.foundation.postgres.server.binaries import binaries_for
from analytics_pipelines.foundation.postgres.server.cluster import opened, through
from analytics_pipelines.foundation.postgres.server.credentials import read_credentials
from analytics_pipelines.foundation.postgres.server.embedded_server import EmbeddedServer
from analytics_pipelines.foundation.postgres.server.process import run
from analytics_pipelines.foundation.postgres.urls import conninfo, parsed
from analytics_pipelines_tests.conftest import settings_in

SEGMENT_NUMBERS = 2**20
SEGMENT_BYTES = 2**18


@contextmanager
def server_before_an_epoch(home: Path, numbers_left: int) -> Iterator[str]:
    """Conninfo of the superuser of a fresh server that has so many transaction numbers left in its first epoch."""
    settings = settings_in(home)
    server = EmbeddedServer(settings)
    with patch.object(embedded_server, "migrate"):
        with psycopg.connect(_superuser(server, home), autocommit=True) as connection:
            connection.execute("VACUUM (FREEZE)")
        server.stop()
        _move_numbers(home / "postgres" / "data", 2**32 - numbers_left)
        try:
            yield _superuser(server, home)
        finally:
            server.stop()


def _superuser(server: EmbeddedServer, home: Path) -> str:
    sockets = Path(str(parsed(server.start().app).query["host"]))
    return conninfo(read_credentials(home / "postgres").superuser_url(sockets, "postgres"))


def _move_numbers(data: Path, first: int) -> None:
    account = server_account(data)
    segment = data / "pg_xact" / f"{first // SEGMENT_NUMBERS:04X}"
    segment.write_bytes(bytes(SEGMENT_BYTES))
    account.give(segment)
    with opened(data) as folder:
        programs = binaries_for(account, data.parent).install / "bin"
        command = [str(programs / "pg_resetwal"), "-f", "-x", str(first), "-D", through(folder)]
        done = run(command, account=account, descriptors=[folder])
    assert done.returncode == 0, done.stderr
