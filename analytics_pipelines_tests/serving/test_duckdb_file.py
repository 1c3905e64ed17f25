"""The DuckDB file for other tools: what it holds, when it is replaced, and whose files it never touches."""

import os
import sqlite3
import subprocess
import sys

import duckdb
import pytest

from analytics_pipelines.foundation.files import locked
from analytics_pipelines.serving import duckdb_file
from analytics_pipelines.serving.duckdb_file import (
    GENERATION,
    NotOurs,
    drop_duckdb_file,
    keep_duckdb_file,
    write_duckdb_file,
)
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.generations import NEXT_DAY, RAW_SALES, publish, publish_edition, write

TABLES = {"out_shop__sales", "raw_shop__sales", "out_door__visits", GENERATION}


def asked(settings, sql):
    with duckdb.connect(str(settings.duckdb_file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_every_table_is_read_by_its_name(settings, lake):
    built = publish_edition(settings, lake, 1)
    assert write_duckdb_file(settings)
    assert {row[0] for row in asked(settings, "SELECT table_name FROM information_schema.tables")} == TABLES
    sql = "SELECT count(*), max(edition) FROM raw_shop__sales JOIN out_shop__sales USING (item, edition)"
    assert asked(settings, sql) == [(3, 1)]
    ((generation, _, folder, has_personal, _),) = asked(settings, "FROM " + GENERATION)
    assert (generation, folder, has_personal) == (built.generation.id, str(built.folder), False)


def test_only_the_operator_may_read_it_and_nothing_else_is_left(settings, lake):
    publish_edition(settings, lake, 1)
    before = os.umask(0)
    try:
        write_duckdb_file(settings)
    finally:
        os.umask(before)
    assert settings.duckdb_file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in settings.home.path.glob("*analytics.duckdb*")] == ["analytics.duckdb"]


def test_the_next_generation_replaces_it_and_open_readers_keep_theirs(settings, lake):
    publish_edition(settings, lake, 1)
    write_duckdb_file(settings)
    with duckdb.connect(str(settings.duckdb_file), read_only=True) as reader:
        write(lake, RAW_SALES, NEXT_DAY, 2)
        publish(settings, lake)
        program = "from analytics_pipelines.foundation.settings import load; "
        program += "from analytics_pipelines.serving.duckdb_file import write_duckdb_file; "
        program += "print(write_duckdb_file(load()))"
        home = {"ANALYTICS_HOME": str(settings.home.path)}
        wrote = subprocess.run(
            [sys.executable, "-c", program], env=os.environ | home, capture_output=True, text=True, check=True
        )
        assert wrote.stdout.endswith("True\n")
        assert reader.execute("SELECT count(*) FROM raw_shop__sales").fetchall() == [(3,)]
    assert asked(settings, "SELECT count(*) FROM raw_shop__sales") == [(6,)]


def test_the_same_generation_again_changes_nothing(settings, lake):
    publish_edition(settings, lake, 1)
    assert write_duckdb_file(settings)
    before = settings.duckdb_file.stat()
    assert not write_duckdb_file(settings)
    assert settings.duckdb_file.stat() == before
    settings.duckdb_file.unlink()
    rows = "SELECT * FROM out_shop__sales"
    write_duckdb_file(settings)
    first = asked(settings, rows), asked(settings, "FROM " + GENERATION)
    settings.duckdb_file.unlink()
    write_duckdb_file(settings)
    assert (asked(settings, rows), asked(settings, "FROM " + GENERATION)) == first


def test_it_may_lie_elsewhere_under_the_older_names(tmp_path, monkeypatch):
    monkeypatch.setenv("DUCKDB_PATH", str(tmp_path / "old" / "warehouse.duckdb"))
    assert settings_in(tmp_path / "home").duckdb_file == tmp_path / "old" / "warehouse.duckdb"
    monkeypatch.setenv("DUCKDB_DATABASE_PATH", str(tmp_path / "x.duckdb"))
    assert settings_in(tmp_path / "home").duckdb_file == tmp_path / "x.duckdb"


def database_of_somebody(path):
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE precious AS SELECT 42 AS answer")


def sqlite_of_somebody(path):
    sqlite3.connect(path).close()
    path.write_bytes(b"SQLite format 3\x00")


@pytest.mark.parametrize("make", [database_of_somebody, sqlite_of_somebody], ids=["DuckDB", "another"])
def test_a_file_of_somebody_elses_is_never_replaced_nor_removed(settings, lake, make):
    publish_edition(settings, lake, 1)
    make(settings.duckdb_file)
    before = settings.duckdb_file.read_bytes()
    with pytest.raises(NotOurs, match="DUCKDB_DATABASE_PATH"):
        write_duckdb_file(settings)
    assert keep_duckdb_file(settings) is False
    drop_duckdb_file(settings)
    assert settings.duckdb_file.read_bytes() == before


def test_a_failure_is_logged_and_leaves_the_file_before(settings, lake, monkeypatch):
    publish_edition(settings, lake, 1)
    write_duckdb_file(settings)
    write(lake, RAW_SALES, NEXT_DAY, 2)
    publish(settings, lake)

    def broken(*_):
        raise OSError("no")

    monkeypatch.setattr(duckdb_file, "make_view", broken)
    assert keep_duckdb_file(settings) is False
    assert asked(settings, "SELECT count(*) FROM raw_shop__sales") == [(3,)]
    assert not list(settings.home.path.glob(".analytics.duckdb*"))


def test_what_a_killed_writer_left_is_removed(settings, lake):
    publish_edition(settings, lake, 1)
    left = settings.home.path / ".analytics.duckdb.abc.writing"
    left.mkdir()
    (left / "whole.duckdb").write_bytes(b"half")
    write_duckdb_file(settings)
    assert not left.exists()


def test_it_is_dropped_where_it_may_not_stay(settings, lake):
    drop_duckdb_file(settings)
    publish_edition(settings, lake, 1)
    write_duckdb_file(settings)
    drop_duckdb_file(settings)
    assert not settings.duckdb_file.exists()


def test_before_the_first_publication_there_is_none(settings):
    assert not write_duckdb_file(settings)
    assert not settings.duckdb_file.exists()


def test_two_writers_wait_for_each_other(settings, lake, monkeypatch):
    publish_edition(settings, lake, 1)
    monkeypatch.setattr(duckdb_file, "LOCK_WAIT_S", 0.0)
    with locked(settings.home.locks / "duckdb_file.lock", wait_s=1):
        assert keep_duckdb_file(settings) is False
    assert keep_duckdb_file(settings) is True
