"""A room file: each table sorted by its key, with the declared types, read-only and closed."""

from dataclasses import replace

import duckdb
import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.serving.native import write_room_file
from analytics_pipelines_tests.generations import DAY, HOT, LAST_SALES, NEXT_DAY, RAW_SALES, SALES, VISITS, write


def test_all_days_of_each_table_are_in_it_sorted_by_key(settings, lake, tmp_path):
    write(lake, SALES, NEXT_DAY, 2)
    write(lake, SALES, DAY, 1)
    file = tmp_path / "room.duckdb"
    write_room_file(file, [lake.scan(SALES, [DAY, NEXT_DAY]), lake.scan(VISITS, [])], DuckLimits.of(settings))
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("room")] == ["room.duckdb"]
    assert file.stat().st_mode & 0o777 == 0o444
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute("SELECT item, edition FROM out_shop__sales").fetchall()
        assert rows == sorted(rows, key=lambda row: row[0])
        assert len(rows) == 6
        assert connection.execute("SELECT count(*) FROM out_door__visits").fetchone() == (0,)
        described = connection.execute("DESCRIBE out_shop__sales").fetchall()
    assert [(name, kind) for name, kind, *_ in described] == [
        (column.name, column.type.value) for column in SALES.columns
    ]


@pytest.fixture
def opened(settings, lake, tmp_path):
    write(lake, RAW_SALES, DAY, 1, items=9)
    write(lake, RAW_SALES, NEXT_DAY, 2, items=5)
    write(lake, SALES, DAY, 7, items=2)
    files = {table.name: {day: lake.file(table, day) for day in lake.days(table)} for table in (RAW_SALES, SALES)}
    rows = write_room_file(tmp_path / "shop.duckdb", [lake.scan(SALES, [DAY])], DuckLimits.of(settings), HOT, files)
    assert rows == {"hot_shop__last_sales": 5, "hot_shop__items": 5}
    with duckdb.connect(str(tmp_path / "shop.duckdb"), read_only=True) as connection:
        yield connection


def test_a_hot_table_reads_the_days_it_asks_for_and_is_sorted_by_its_key(opened):
    rows = opened.execute("SELECT item, edition FROM hot_shop__last_sales").fetchall()
    assert rows == [("item " + str(number), 2) for number in range(5)]


def test_a_numbered_column_holds_the_place_in_that_order(opened):
    rows = opened.execute("SELECT place, pair FROM hot_shop__last_sales").fetchall()
    assert rows == [(number, number // 2) for number in range(5)]


def test_a_hot_table_reads_native_tables_and_hot_tables_before_it(opened):
    rows = opened.execute("SELECT item, edition FROM hot_shop__items").fetchall()
    assert rows == [("item 0", 7), ("item 1", 7), ("item 2", 2), ("item 3", 2), ("item 4", 2)]


def test_an_indexed_column_has_a_unique_index(opened):
    query = "SELECT table_name, is_unique, expressions FROM duckdb_indexes()"
    assert opened.execute(query).fetchall() == [("hot_shop__last_sales", True, "[place]")]


@pytest.mark.long
def test_what_does_not_fit_into_memory_is_sorted_on_disk_by_one_thread(settings, lake, tmp_path):
    rows = 300_000
    made = Sql(
        "SELECT 0 AS place, 0 AS pair, DATE '2026-11-20' AS sold_date, {item} AS item, i AS edition FROM {numbers}"
    )
    made = made.fill(item=Sql("md5(CAST(i AS VARCHAR)) || repeat('x', 1000)"), numbers=Sql("range(300000) AS n(i)"))
    hot = replace(HOT[0], make=lambda _: made)
    limits = replace(DuckLimits.of(settings), memory_bytes=250_000_000)
    assert write_room_file(tmp_path / "shop.duckdb", [], limits, [hot]) == {LAST_SALES.name: rows}
    with duckdb.connect(str(tmp_path / "shop.duckdb"), read_only=True) as connection:
        query = (
            "SELECT count(*) FROM (SELECT item > lag(item) OVER (ORDER BY rowid) AS is_after FROM hot_shop__last_sales)"
        )
        assert connection.execute(query + " WHERE is_after").fetchone() == (rows - 1,)
