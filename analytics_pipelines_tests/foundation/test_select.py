from dataclasses import replace
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.duck import arrow_of
from analytics_pipelines.foundation.select import ArrowRows, ParquetFiles, Scan, Select, Version, cast_to
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Type
from analytics_pipelines_tests.foundation.lake.example import ARROW, DAY, DAYS, READINGS, generated


def test_a_scan_without_files_has_the_declared_columns_and_no_rows(lake):
    with lake.duck.cursor() as cursor:
        Scan(READINGS, ()).mount(cursor, "readings")
        found = arrow_of(cursor, Sql("SELECT * FROM readings"))
    assert found.num_rows == 0
    assert found.schema.remove_metadata() == ARROW


def test_a_scan_has_a_version_for_each_file_or_none(lake):
    version = lake.replace(READINGS, DAY, generated(1)).version
    with pytest.raises(ValueError, match="a version for each file, or none"):
        Scan(READINGS, (lake.file(READINGS, DAY),) * 2, (version,))


def test_a_scan_reads_every_day_and_no_column_of_the_path(lake):
    for day in DAYS:
        lake.replace(READINGS, day, generated(1, day=day, rows=2))
    with lake.duck.cursor() as cursor:
        lake.scan(READINGS, DAYS).mount(cursor, "readings")
        found = arrow_of(cursor, Sql("SELECT * FROM readings"))
    assert found.column_names == list(READINGS.column_names)
    assert found.num_rows == 2 * len(DAYS)


def test_a_scan_of_an_evolving_table_reads_days_with_other_columns(lake):
    label = Column(name="colour", type=Type.TEXT, meaning="Colour")
    later = replace(READINGS, columns=(*READINGS.columns[:2], label), is_evolving=True)
    lake.replace(READINGS, DAYS[0], generated(1, day=DAYS[0], rows=1))
    lake.replace(
        later, DAYS[1], Select(Sql("SELECT DATE '2024-02-29' AS reading_date, 7 AS reading_id, 'red' AS colour"))
    )
    with lake.duck.cursor() as cursor:
        found = lake.relation(cursor, later, DAYS).order("reading_date").fetchall()
        scan = lake.scan(later, DAYS)
        newest = replace(scan, files=scan.files[1:], versions=scan.versions[1:])
        assert cursor.sql(newest.sql().text).fetchall() == found[1:], "a part of a scan knows its schemas"
    assert found == [(DAYS[0], 0, None), (DAYS[1], 7, "red")]


def test_a_view_is_replaced_by_the_next_of_its_name(lake):
    with lake.duck.cursor() as cursor:
        for number in (1, 2):
            ArrowRows(pa.table({"a": [number]})).mount(cursor, "given")
        assert arrow_of(cursor, Sql("SELECT * FROM given")).to_pylist() == [{"a": 2}]


def test_views_of_one_cursor_are_unknown_to_another(lake):
    with lake.duck.cursor() as first, lake.duck.cursor() as second:
        ArrowRows(pa.table({"a": [1]})).mount(first, "given")
        ArrowRows(pa.table({"a": [2]})).mount(second, "given")
        assert arrow_of(first, Sql("SELECT * FROM given")).to_pylist() == [{"a": 1}]


def test_parquet_of_others_is_united_by_name(lake, tmp_path):
    files = (tmp_path / "it's.parquet", tmp_path / "b.parquet")
    pq.write_table(pa.table({"a": [1], "b": ["x"]}), files[0])
    pq.write_table(pa.table({"b": ["y"], "c": [True]}), files[1])
    with lake.duck.cursor() as cursor:
        ParquetFiles(files).mount(cursor, "given")
        found = arrow_of(cursor, Sql("SELECT * FROM given")).to_pylist()
    assert found == [{"a": 1, "b": "x", "c": None}, {"a": None, "b": "y", "c": True}]


def test_versions_of_all_sources_are_named_once_in_order():
    older, newer = Version("t", date(2024, 1, 1), "a"), Version("t", date(2024, 1, 2), "b")
    reads = {"x": ParquetFiles((), (newer, older)), "y": ParquetFiles((), (newer,)), "z": ArrowRows(pa.table({}))}
    assert Select(Sql("SELECT 1"), reads=reads).versions == (older, newer)


def test_a_cast_names_the_declared_columns_in_order_sorted_by_key(lake):
    query = cast_to(READINGS, generated(1, rows=3).sql)
    with lake.duck.cursor() as cursor:
        found = arrow_of(cursor, query, {"day": DAY, "version": 1, "rows": 3, "seed": "x"})
    assert found.column("reading_id").to_pylist() == [0, 1, 2]
    assert found.schema.remove_metadata() == ARROW


def test_a_value_that_does_not_fit_its_type_is_an_error(lake):
    row = dict.fromkeys(ARROW.names) | {"reading_id": "x"}
    select = Select(Sql("SELECT * FROM given"), reads={"given": ArrowRows(pa.Table.from_pylist([row]))})
    with pytest.raises(duckdb.ConversionException, match="Could not convert string 'x'"):
        lake.replace(READINGS, DAY, select)
