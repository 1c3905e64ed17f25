"""Two tables that change together, exports of them as processes, and what a stranger finds of them in the lake."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import psycopg

from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.lake.manifest import read_manifest
from analytics_pipelines.foundation.postgres.embedded import EmbeddedServer
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.foundation.sql import name as quoted
from analytics_pipelines_tests.waiting import wait_until

NAMES = ("left_rows", "right_rows")
LEAST_ROWS = 20_000
FILE = "".join(f'[[tables]]\ntable = "public.{name}"\nwhole_file = true\n\n' for name in NAMES)
MAKE = Sql(
    "CREATE TABLE {table} (id int PRIMARY KEY, version int NOT NULL, filler text); GRANT SELECT ON {table} TO PUBLIC"
)
EMPTY = Sql("DELETE FROM {table}")
FILL = Sql("INSERT INTO {table} SELECT n, {version}, md5((n + {version})::text) FROM generate_series(1, {rows}) AS n")
FOUND = Sql("SELECT version, count(*), count(DISTINCT id) FROM read_parquet({files}) GROUP BY ALL")
BACKENDS = Sql("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'analytics-export%'")


def rows_of(version: int) -> int:
    """How many rows each table has in that version, so that a mixture of two is seen."""
    return LEAST_ROWS + 137 * version


def make_tables(owner: str) -> None:
    """Both tables, empty."""
    with psycopg.connect(owner) as connection:
        for table in NAMES:
            connection.execute(MAKE.fill(table=quoted(table)).text.encode())


def change(owner: str, version: int) -> None:
    """Both tables get their rows of that version in one transaction."""
    with psycopg.connect(owner) as connection:
        for table in NAMES:
            connection.execute(EMPTY.fill(table=quoted(table)).text.encode())
            rows = {"version": Sql(str(version)), "rows": Sql(str(rows_of(version)))}
            connection.execute(FILL.fill(table=quoted(table), **rows).text.encode())


@dataclass
class Source:
    """An embedded server that can be killed, with both tables in it."""

    settings: Settings
    server: EmbeddedServer = field(init=False)
    owner: str = field(init=False)

    def start(self) -> None:
        """Start it, after a crash too."""
        self.server = EmbeddedServer(self.settings)
        self.owner = conninfo(self.server.start().owner)

    def restart(self) -> None:
        """Start it anew whatever became of it."""
        self.server.stop()
        self.start()

    def backends(self) -> list[int]:
        """Processes of the server that work for an export."""
        with psycopg.connect(self.owner, autocommit=True) as connection:
            return [pid for (pid,) in connection.execute(BACKENDS.text.encode()).fetchall()]

    def kill_backend(self) -> bool:
        """Kill one that works for an export, which makes the server recover as from a crash; whether there was one."""
        for pid in self.backends():
            os.kill(pid, signal.SIGKILL)
            return True
        return False

    def kill(self) -> bool:
        """Kill the server itself."""
        file = self.settings.home.postgres / "data" / "postmaster.pid"
        os.kill(int(file.read_text().splitlines()[0]), signal.SIGKILL)
        return True


@contextmanager
def running_source(settings: Settings) -> Iterator[Source]:
    """A source with empty tables."""
    source = Source(settings)
    source.start()
    try:
        make_tables(source.owner)
        yield source
    finally:
        source.server.stop()


def versions_in(lake: Path) -> dict[str, int]:
    """The one version that each table is in, through a plain glob; fails when one is torn, doubled or mixed."""
    return {table: _version(f"{lake}/raw_app__{table}/date=*/data.parquet") for table in NAMES}


def versions_of_whole_files(folder: Path) -> dict[str, int]:
    """The same of the files beside the lake."""
    return {table: _version(str(folder / f"{table}_analytics.parquet")) for table in NAMES}


def _version(files: str) -> int:
    with duckdb.connect(config={"threads": 1}) as connection:
        (found,) = connection.execute(FOUND.fill(files=literal(files)).text).fetchall()
    version, rows, keys = found
    assert rows == keys == rows_of(version), f"{files} holds {rows} rows of version {version}"
    return int(version)


def must_be_whole(home: Home) -> None:
    """Every manifest that is published names the bytes beside it."""
    folders = list((home.exports / "current").resolve().glob("*/date=*"))
    assert folders
    for folder in folders:
        manifest = read_manifest(folder)
        assert manifest is not None
        assert manifest.sha256 == sha256_of(folder / "data.parquet")


def must_be_tidy(home: Home, parquet: Path, source: Source) -> None:
    """Nothing is left of runs that were killed: no folder, no connection."""
    kept = {(home.exports / pointer).readlink().name for pointer in ("current", "previous")}
    assert {entry.name for entry in home.exports.iterdir()} == kept | {"current", "previous", ".staging"}
    assert list((home.exports / ".staging").iterdir()) == []
    assert len(list((parquet / ".runs").iterdir())) == 1
    wait_until(lambda: source.backends() == [])
