"""Files of whole tables: what is in them, that they turn together, and that old ones give way."""

from datetime import date

import duckdb
import polars as pl
import pytest

from analytics_pipelines.foundation.tables import Type
from analytics_pipelines.product_export import whole_files as module
from analytics_pipelines.product_export.whole_files import WholeFiles, write_whole_files
from analytics_pipelines.product_export.wishes import Mode
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.product_export.lakes import Kept

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 21)
USERS, ITEMS = Kept("users"), Kept("items")


@pytest.fixture
def folder(settings):
    return settings.parquet_folder


def write(settings, lake, *kept):
    return write_whole_files(settings, lake, [each.table for each in kept])


def rows(file):
    return sorted(duckdb.read_parquet(str(file)).project("id, note").fetchall())


def test_a_whole_table_is_its_newest_partition_and_the_very_same_file(settings, lake, folder):
    USERS.put(lake, FIRST, [(1, "old")])
    USERS.put(lake, LAST, [(1, "new"), (2, "b")])
    assert write(settings, lake, USERS) == ["users_analytics.parquet"]
    file = folder / "users_analytics.parquet"
    assert rows(file) == [(1, "new"), (2, "b")]
    assert file.stat().st_ino == lake.file(USERS.table, LAST).stat().st_ino


def test_an_incremental_table_is_its_state_without_what_is_gone(settings, lake, folder):
    orders = Kept("orders", Mode.INCREMENTAL)
    orders.put(lake, FIRST, [(1, "a"), (2, "b")])
    orders.put(lake, LAST, [(2, "B"), (3, "c")], gone=[1], after=FIRST)
    write(settings, lake, orders)
    file = folder / "orders_analytics.parquet"
    assert rows(file) == [(2, "B"), (3, "c")]
    assert pl.read_parquet_schema(file).keys() == {"export_date", "id", "note"}
    assert file.stat().st_mode & 0o777 == 0o444


def test_a_log_is_all_of_its_days(settings, lake, folder):
    log = Kept("log", Mode.APPEND)
    log.put(lake, FIRST, [(1, "a")])
    log.put(lake, LAST, [(2, "b")])
    write(settings, lake, log)
    assert rows(folder / "log_analytics.parquet") == [(1, "a"), (2, "b")]


def test_days_of_different_columns_are_united_without_losing_a_digit(settings, lake, folder):
    log, wide = Kept("log", Mode.APPEND), Kept("log", Mode.APPEND, id_type=Type.DOUBLE)
    log.put(lake, FIRST, [(2**53 + 1, "a")])
    wide.put(lake, LAST, [(0.5, "b")])
    write(settings, lake, wide)
    assert rows(folder / "log_analytics.parquet") == [("0.5", "b"), ("9007199254740993", "a")]


def test_files_turn_together_and_those_of_other_tables_stay(settings, lake, folder):
    for kept in (USERS, ITEMS):
        kept.put(lake, FIRST, [(1, "one")])
    write(settings, lake, USERS, ITEMS)
    before = (folder / "items_analytics.parquet").resolve().stat().st_ino
    USERS.put(lake, FIRST, [(1, "two")])
    write(settings, lake, USERS)
    assert rows(folder / "users_analytics.parquet") == [(1, "two")]
    assert rows(folder / "items_analytics.parquet") == [(1, "one")]
    assert (folder / "items_analytics.parquet").resolve().stat().st_ino == before
    assert {file.resolve().parent for file in folder.glob("*.parquet")} == {WholeFiles(folder).current}
    assert {entry.name for entry in folder.iterdir()} == {
        ".runs", ".current", "users_analytics.parquet", "items_analytics.parquet"
    }  # fmt: skip
    assert len(list((folder / ".runs").iterdir())) == 1


def test_a_file_of_an_older_version_gives_way_to_a_link(settings, lake, folder):
    folder.mkdir(parents=True)
    (folder / "users_analytics.parquet").write_bytes(b"of an older version")
    USERS.put(lake, FIRST, [(1, "one")])
    write(settings, lake, USERS)
    assert (folder / "users_analytics.parquet").is_symlink()
    assert rows(folder / "users_analytics.parquet") == [(1, "one")]


def test_another_file_system_gets_a_copy(lake, folder, settings, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(module.errno.EXDEV, "another file system")

    USERS.put(lake, FIRST, [(1, "one")])
    link = module.os.link
    lakes = lake.file(USERS.table, FIRST)
    monkeypatch.setattr(module.os, "link", lambda old, new: refuse() if old == lakes else link(old, new))
    write(settings, lake, USERS)
    assert rows(folder / "users_analytics.parquet") == [(1, "one")]


def test_a_failure_keeps_all_files_as_they_were(settings, lake, folder, monkeypatch):
    USERS.put(lake, FIRST, [(1, "one")])
    write(settings, lake, USERS)
    USERS.put(lake, FIRST, [(1, "two")])
    monkeypatch.setattr(module.WholeFiles, "_put_in_force", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(settings, lake, USERS)
    assert rows(folder / "users_analytics.parquet") == [(1, "one")]
    assert len(list((folder / ".runs").iterdir())) == 1


def test_a_table_that_was_never_exported_has_no_file(settings, lake, folder):
    assert write(settings, lake, USERS) == []
    assert not folder.exists()


def test_the_folder_is_the_one_of_the_settings(lake, settings, tmp_path):
    elsewhere = settings_in(settings.home.path, parquet_data_path=tmp_path / "elsewhere")
    USERS.put(lake, FIRST, [(1, "one")])
    write(elsewhere, lake, USERS)
    assert rows(tmp_path / "elsewhere" / "users_analytics.parquet") == [(1, "one")]
