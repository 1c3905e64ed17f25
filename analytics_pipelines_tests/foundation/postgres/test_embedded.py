"""The embedded server: starts anywhere, lets nobody else in, comes back from every crash."""

import os
import shutil
import signal
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.postgres.embedded import EmbeddedServer, running_database
from analytics_pipelines.foundation.postgres.failures import WrongDatabaseUrl
from analytics_pipelines.foundation.postgres.server.binaries import PACKAGE, _copy, _site
from analytics_pipelines.foundation.postgres.server.process import survivors
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo, database_urls
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.foundation.postgres.processes import (
    REPOSITORY,
    execute,
    modes_of_parents,
    only_root,
    postmaster,
    sockets,
    user_of,
)
from analytics_pipelines_tests.waiting import wait_until

DAEMON = 1


def test_it_runs_in_a_home_of_any_name_without_changing_the_folders_above(tmp_path: Path) -> None:
    home = tmp_path / "with space" / "home"
    before = modes_of_parents(home)
    with running_database(settings_in(home)) as urls:
        assert execute(urls, "SHOW server_encoding") == [("UTF8",)]
        assert execute(urls, "SHOW fsync") == execute(urls, "SHOW synchronous_commit") == [("on",)]
        assert execute(urls, "SHOW listen_addresses") == [("",)]
        assert database_urls(settings_in(home)) == urls
        folder = sockets(urls).parent
    assert {path: path.stat().st_mode for path in before} == before
    assert not folder.exists()
    with pytest.raises(Unavailable):
        database_urls(settings_in(home))


@only_root
def test_a_plain_user_runs_it_too() -> None:
    place = Path(tempfile.mkdtemp(prefix="plain-"))
    try:
        os.chown(place, DAEMON, DAEMON)
        # The environment that the tests run in may lie where a plain user can not go.
        _copy(_site(), place / "site")
        (place / "site" / PACKAGE / "__init__.py").touch(0o644)
        shutil.copytree(REPOSITORY / "analytics_pipelines", place / "site" / "analytics_pipelines")
        with user_of(place / "home", DAEMON, place / "site") as user:
            assert execute(user.urls(), "SELECT 1") == [(1,)]
            assert (place / "home/postgres/data").stat().st_uid == DAEMON
            user.leave()
            assert user.status() == 0
    finally:
        shutil.rmtree(place)


def test_whoever_comes_second_uses_the_first_ones_server(home: Path) -> None:
    with user_of(home) as first, user_of(home) as second:
        assert first.urls() == second.urls()
        with running_database(settings_in(home), start=False) as third:
            assert third == database_urls(settings_in(home))
            first.leave()
            second.leave()
            wait_until(lambda: first.has_left() or second.has_left(), seconds=20)
            assert execute(third, "SELECT 1") == [(1,)]
        assert (first.status(), second.status()) == (0, 0)
    assert survivors(home / "postgres/data") == []


def test_nobody_starts_it_who_was_told_not_to(settings: Settings) -> None:
    with pytest.raises(Unavailable, match="not running"), running_database(settings, start=False):
        pass


def test_who_waits_for_a_supervisor_that_never_gets_ready_gives_up(settings: Settings) -> None:
    server = EmbeddedServer(settings)
    server._become_supervisor(0)
    impatient = settings_in(settings.analytics_home, embedded_postgres_start_timeout_s=0.2)
    with pytest.raises(Unavailable, match="did not become ready"), running_database(impatient):
        pass
    server.stop()


def test_a_database_of_ones_own_is_used_as_it_is(database_urls: DatabaseUrls, tmp_path: Path) -> None:
    with running_database(settings_in(tmp_path, database_url=database_urls.app)) as urls:
        assert urls.app == database_urls.app
    assert not (tmp_path / "postgres").exists()
    wrong = settings_in(tmp_path, database_url="postgresql://u:secret@127.0.0.1:1/d")
    with pytest.raises(WrongDatabaseUrl), running_database(wrong):
        pass


@pytest.mark.fault
def test_when_a_supervisor_is_killed_the_server_ends_and_every_acknowledged_row_is_kept(home: Path) -> None:
    with user_of(home) as user:
        urls = user.urls()
        last = 0
        with suppress(psycopg.OperationalError), psycopg.connect(conninfo(urls.owner), autocommit=True) as connection:
            connection.execute("TRUNCATE kept.line")
            for number in range(1, 1_000_000):
                connection.execute("INSERT INTO kept.line VALUES (%s)", [number])
                last = number
                if number == 50:
                    user.process.kill()
    wait_until(lambda: not survivors(home / "postgres/data"))
    assert last >= 50
    with running_database(settings_in(home)) as urls:
        (found,) = execute(urls, "SELECT count(*), max(number) FROM kept.line")
    assert found in {(last, last), (last + 1, last + 1)}


@pytest.mark.fault
def test_a_new_supervisor_takes_over_from_a_server_that_survived(home: Path) -> None:
    with user_of(home) as user:
        first = user.urls()
        frozen = postmaster(home)
        os.kill(frozen, signal.SIGSTOP)
        user.process.kill()
        user.process.wait()
        thaw = threading.Timer(0.5, os.kill, (frozen, signal.SIGCONT))
        thaw.start()
        with running_database(settings_in(home)) as urls:
            assert execute(urls, "SELECT 1") == [(1,)]
            assert sockets(urls) == sockets(first)
            assert postmaster(home) != frozen
        thaw.join()
