"""The supervisor of a home: lets nobody else in, and brings the server back from every crash."""

import os
import signal
import stat
from pathlib import Path

import psycopg
import pytest

from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.postgres.embedded import EmbeddedServer, running_database
from analytics_pipelines.foundation.postgres.urls import conninfo, database_urls
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.foundation.postgres.processes import (
    as_user,
    execute,
    only_root,
    postmaster,
    sockets,
    user_of,
)
from analytics_pipelines_tests.waiting import wait_until

NOBODY = 65534
TRY_TO_CONNECT = """
try:
    psycopg.connect(sys.argv[1], connect_timeout=3)
    print("in")
except psycopg.OperationalError as error:
    print("Permission denied" in str(error))
"""
TRY_TO_READ = """
for path in sys.argv[1:]:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path).read()
        print("read", path)
    except PermissionError:
        pass
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_second_start_finds_the_rows_of_the_first_and_is_private(home: Path, server: EmbeddedServer) -> None:
    urls = server.start()
    assert server.poll()
    assert execute(urls, "SELECT count(*) FROM kept.line")
    postgres = home / "postgres"
    found = {
        name: mode(postgres / name) for name in ("", "credentials.json", "connection.json", "runtime.json", "data")
    }
    assert found == {
        "": 0o700, "credentials.json": 0o600, "connection.json": 0o600, "runtime.json": 0o600, "data": 0o700
    }  # fmt: skip
    assert mode(home / "logs/postgres.log") == 0o600
    assert mode(sockets(urls)) == 0o700
    assert mode(sockets(urls).parent) & 0o066 == 0
    server.stop()
    assert not server.poll()
    server.stop()


def test_without_its_password_not_even_its_own_user_gets_in(server: EmbeddedServer) -> None:
    urls = server.start()
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host=str(sockets(urls)), user="postgres", dbname="postgres")


@only_root
def test_no_other_local_user_gets_in(home: Path, server: EmbeddedServer) -> None:
    urls = server.start()
    owner = (home / "postgres/data").stat().st_uid
    assert owner not in (0, NOBODY)
    assert as_user(NOBODY, TRY_TO_CONNECT, conninfo(urls.owner)) == "True"
    pid = postmaster(home)
    places = [sockets(urls), sockets(urls).parent, home / "postgres/credentials.json", Path(f"/proc/{pid}/cwd/base")]
    assert as_user(NOBODY, TRY_TO_READ, *map(str, places)) == ""


def test_who_leaves_does_not_wait_for_others_for_ever(server: EmbeddedServer, home: Path) -> None:
    server.start()
    with running_database(settings_in(home), start=False):
        server.stop(others_patience_s=0.1)
    assert not server.poll()


def test_there_is_one_supervisor_at_a_time(home: Path, server: EmbeddedServer) -> None:
    urls = server.start()
    other = EmbeddedServer(settings_in(home))
    with pytest.raises(Conflict, match="Another process"):
        other.start(wait_s=0)
    other.stop()
    assert database_urls(settings_in(home)) == urls


@pytest.mark.fault
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGINT])
def test_after_its_death_the_same_supervisor_starts_it_again_at_the_same_place(
    home: Path, server: EmbeddedServer, how: signal.Signals
) -> None:
    urls = server.start()
    execute(urls, "INSERT INTO kept.line VALUES (1)")
    before = execute(urls, "SELECT count(*) FROM kept.line")
    os.kill(postmaster(home), how)
    wait_until(lambda: not server.poll())
    assert server.start() == urls
    assert execute(urls, "SELECT count(*) FROM kept.line") == before


@pytest.mark.fault
def test_a_start_that_fails_can_be_tried_again(
    home: Path, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = server.start()
    os.kill(postmaster(home), signal.SIGKILL)
    wait_until(lambda: not server.poll())
    with monkeypatch.context() as patched:
        patched.setattr(
            "analytics_pipelines.foundation.postgres.server.embedded_server.SERVER_SETTINGS", {"shared_buffers": "x"}
        )
        with pytest.raises(Exception, match="invalid value for parameter"):
            server.start()
    assert server.start() == urls


@pytest.mark.fault
@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("12", id="half-written"),
        pytest.param("\x00\xff not a pid \n" * 9, id="garbage"),
        pytest.param(f"{os.getpid()}\n/somewhere\n1795253427\n5432\n/tmp\n\n  1  2\nready\n", id="a living process"),
    ],
)
def test_a_pid_file_of_former_times_is_no_obstacle(home: Path, server: EmbeddedServer, content: str) -> None:
    (home / "postgres/data/postmaster.pid").write_text(content)
    assert execute(server.start(), "SELECT 1") == [(1,)]


@pytest.mark.fault
def test_a_killed_set_up_leaves_nothing_half_made(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with user_of(home) as user:
        wait_until(lambda: any(home.glob("postgres/data.new-*/global")))
        user.process.kill()
        user.process.wait()
    assert not (home / "postgres/data").exists()
    with running_database(settings_in(home)) as urls:
        assert execute(urls, "SELECT 1") == [(1,)]
    assert not list(home.glob("postgres/data.new-*"))
