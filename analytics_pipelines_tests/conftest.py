"""Fixtures of the whole house: settings in a home of one's own, a lake, a real PostgreSQL.

One embedded server runs per test process; each test that asks for a database gets a fresh migrated one,
cloned from a template.
"""

import gc
import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path

import httpx
import psycopg
import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.embedded import EmbeddedServer
from analytics_pipelines.foundation.postgres.migrate import migrate
from analytics_pipelines.foundation.postgres.server.credentials import Credentials, read_credentials
from analytics_pipelines.foundation.postgres.server.roles import make_database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo, parsed
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql, name

TEMPLATE = "template_of_tests"
UNSYNCED = ("fsync = off", "full_page_writes = off", "autovacuum = off")
HAS_EVERYTHING = bool(os.environ.get("CI")) and (Path(__file__).parents[2] / "shared").is_dir()
"""Where continuous integration has the real inputs and every package, a skipped test is a gap."""


gc.disable()


def pytest_collection_finish() -> None:
    """What thousands of tests and their imports are made of never becomes garbage; searching it costs a second each time."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what would be skipped where nothing may be missing."""
    report = yield
    if HAS_EVERYTHING and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and nothing may be missing here: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _certificates_are_read_once() -> Iterator[None]:
    """A client of httpx reads all certificates when it is made, 40 ms each time, though tests speak plain HTTP."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for field_name in (*Settings.model_fields, "duckdb_path"):
        monkeypatch.delenv(field_name.upper(), raising=False)


def settings_in(home: Path, **given: object) -> Settings:
    """Settings with that home, no `.env`, and small limits that suit tests."""
    chosen = {"duckdb_memory_limit": "512MB", "duckdb_worker_threads": 2} | given
    return Settings(_env_file=None, analytics_home=home, **chosen)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings in a home of this test's own."""
    return settings_in(tmp_path / "home")


@pytest.fixture
def lake(settings: Settings) -> Iterator[Lake]:
    """An empty lake in that home."""
    found = Lake.at(settings.home, DuckLimits.of(settings))
    yield found
    found.duck.close()


@dataclass
class PostgresServer:
    """The server of this test process and a maker of databases in it."""

    sockets: Path
    credentials: Credentials
    numbers: Iterator[int] = field(default_factory=count)

    def superuser(self, database: str = "postgres") -> str:
        """Conninfo of the superuser."""
        return conninfo(self.credentials.superuser_url(self.sockets, database))

    def sync_nothing(self) -> None:
        """Leave writing to the kernel: this server is thrown away, and tests of crashes start servers of their own."""
        with psycopg.connect(self.superuser(), autocommit=True) as connection:
            for setting in UNSYNCED:
                connection.execute("ALTER SYSTEM SET " + setting)
            connection.execute("SELECT pg_reload_conf()")

    def urls(self, database: str) -> DatabaseUrls:
        """URLs of one database."""
        return self.credentials.urls(self.sockets, database)

    def create(self, database: str, template: str = "template0") -> DatabaseUrls:
        """Make a database of the owner role."""
        with psycopg.connect(self.superuser(), autocommit=True) as connection:
            make_database(connection, database, template)
        return self.urls(database)

    def drop(self, database: str) -> None:
        """Remove it, whoever is connected."""
        with psycopg.connect(self.superuser(), autocommit=True) as connection:
            connection.execute(Sql("DROP DATABASE {name} WITH (FORCE)").fill(name=name(database)).text.encode())


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One server for all tests of the process, with a migrated template database."""
    settings = settings_in(tmp_path_factory.mktemp("postgres") / "home")
    server = EmbeddedServer(settings)
    urls = server.start()
    try:
        credentials = read_credentials(settings.home.postgres)
        found = PostgresServer(Path(str(parsed(urls.app).query["host"])), credentials)
        found.sync_nothing()
        template = found.create(TEMPLATE)
        migrate(template.owner, template.app)
        yield found
    finally:
        server.stop()


@pytest.fixture
def database_urls(postgres_server: PostgresServer) -> Iterator[DatabaseUrls]:
    """A fresh migrated database of this test's own."""
    fresh = "test_" + str(next(postgres_server.numbers))
    yield postgres_server.create(fresh, TEMPLATE)
    postgres_server.drop(fresh)


@pytest.fixture
def database(database_urls: DatabaseUrls, settings: Settings) -> Iterator[Database]:
    """That database as the app role."""
    found = Database(database_urls.app, name="test", settings=settings)
    yield found
    found.close()


@pytest.fixture
def owner_database(database_urls: DatabaseUrls, settings: Settings) -> Iterator[Database]:
    """That database as the owner of its tables."""
    found = Database(database_urls.owner, name="test", settings=settings)
    yield found
    found.close()
