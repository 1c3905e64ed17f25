"""`generation.json` says all and comes back as it went."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

from analytics_pipelines.foundation.generation import Generation, HotTableRows, PartitionFile, RoomFile, TableFiles
from analytics_pipelines.foundation.generation.description import FILE_NAME, described_columns, read_generation
from analytics_pipelines_tests.generations import SALES

PARTITIONS = tuple(
    PartitionFile(day=date(2026, 11, day), rows=day, size_bytes=100, sha256="ab", path="parquet/x") for day in (1, 2)
)


def table(partitions: tuple[PartitionFile, ...]) -> TableFiles:
    return TableFiles(
        name=SALES.name,
        room=SALES.room,
        grain=SALES.grain,
        partition=SALES.partition,
        version=SALES.version,
        is_native=False,
        columns=described_columns(SALES),
        partitions=partitions,
        personal=SALES.personal,
    )


GENERATION = Generation(
    id="ab",
    inputs_sha256="abcd",
    engine="duckdb 1",
    built_at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    rooms=(RoomFile(room="shop", path="shop.duckdb", inputs_sha256="cd", size_bytes=5),),
    tables=(table(PARTITIONS),),
    hot=(
        HotTableRows(
            name="hot_shop__items",
            room="shop",
            grain="one item",
            made_for="all days",
            version="1",
            columns=described_columns(SALES),
            rows=7,
        ),
    ),
)


def test_what_is_written_is_read_back(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(GENERATION.to_json())
    assert read_generation(tmp_path) == GENERATION


def test_a_description_from_before_hot_tables_is_read_too(tmp_path):
    content = json.loads(GENERATION.to_json())
    del content["hot"]
    (tmp_path / FILE_NAME).write_text(json.dumps(content))
    assert read_generation(tmp_path) == replace(GENERATION, hot=())


def test_forms_of_days_are_kept_where_they_differ_and_not_mentioned_where_they_do_not(tmp_path):
    forms = ((("item", "BIGINT"),), (("item", "VARCHAR"), ("price", "DECIMAL(9,2)")))
    evolving = replace(table((PARTITIONS[0], replace(PARTITIONS[1], form=1))), forms=forms)
    (tmp_path / FILE_NAME).write_bytes(replace(GENERATION, tables=(evolving, table(PARTITIONS))).to_json())
    assert read_generation(tmp_path).tables == (evolving, table(PARTITIONS))
    assert (tmp_path / FILE_NAME).read_text().count('"form') == 3
    assert b'"form' not in GENERATION.to_json()


def test_a_generation_names_lake_tables_and_hot_tables():
    assert GENERATION.names == (SALES.name, "hot_shop__items")


def test_readers_of_the_file_find_the_sums_in_it():
    (shown,) = json.loads(GENERATION.to_json())["tables"]
    sums = {name: shown[name] for name in ("rows", "size_bytes", "first_day", "last_day")}
    assert sums == {"rows": 3, "size_bytes": 200, "first_day": "2026-11-01", "last_day": "2026-11-02"}


def test_a_table_without_days_has_neither_first_nor_last():
    empty = table(())
    assert (empty.rows, empty.size_bytes, empty.first_day, empty.last_day) == (0, 0, None, None)


def test_a_room_without_native_tables_has_no_file():
    assert GENERATION.room_file("shop") is GENERATION.rooms[0]
    assert GENERATION.room_file("door") is None


def test_a_description_that_says_nothing_of_persons_is_told_from_one_without_any(tmp_path):
    content = json.loads(GENERATION.to_json())
    del content["tables"][0]["personal"]
    (tmp_path / FILE_NAME).write_text(json.dumps(content))
    assert GENERATION.tables[0].personal == ()
    assert read_generation(tmp_path).tables[0].personal is None
