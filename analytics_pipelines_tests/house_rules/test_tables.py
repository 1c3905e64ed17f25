"""Names of the declared columns: times, days, booleans and units are told by their ends."""

import pytest

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.foundation.tables import Column, Table, Type

NUMBERS = {Type.INT, Type.INT32, Type.DOUBLE}
UNITS = {"_s": "s", "_ms": "ms", "_bytes": "bytes", "_pct": "%"}
COUNTS = ("_count", "_count_change", "_id", "_number")
KNOWN = {
    "id": "contract: the product's own keys",
    "pre": "place of an entry in its tree, walked in order",
    "last_pre": "place of the last entry below a folder",
    "parent_pre": "place of the folder that an entry is in",
    "depth": "steps from the top of the tree",
    "mode": "bits, as the file system gives them",
    "uid": "number that the file system gives",
    "gid": "number that the file system gives",
    "device": "number that the file system gives",
    "inode": "number that the file system gives",
    "visitors": "a count, as people call it",
    "visits": "a count, as people call it",
    "pageviews": "a count, as people call it",
    "events": "a count, as people call it",
    "new_visitors": "a count, as people call it",
    "returning_visitors": "a count, as people call it",
    "conversions": "a count, as people call it",
    "bounces": "a count, as people call it",
    "views_per_visit": "a ratio of two counts",
}
COLUMNS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}") for table in TABLES for column in table.columns
]


@pytest.mark.parametrize("table", list(TABLES), ids=lambda table: table.name)
def test_a_table_is_named_by_layer_and_source_and_says_what_it_is(table: Table):
    assert table.layer in {"raw", "core", "out"}
    assert "__" in table.name
    assert all(words.strip() for words in (table.room, table.grain, table.partition))


@pytest.mark.parametrize("table", list(TABLES), ids=lambda table: table.name)
def test_a_table_holds_the_day_of_its_partition(table: Table):
    days = [column.name for column in table.columns if column.type is Type.DATE]
    assert days, "the partition's day is a column too"
    assert all(day.endswith("_date") for day in days)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_columns_end_tells_its_unit(table: Table, column: Column):
    told = next((unit for end, unit in UNITS.items() if column.name.endswith(end)), "")
    assert told == column.unit
    if column.type in NUMBERS:
        name = column.name.removeprefix("before_")
        assert column.unit or name in KNOWN or name.endswith(COUNTS), "a number without unit is a count"


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_columns_name_tells_time_day_and_truth(table: Table, column: Column):
    assert (column.type is Type.TIMESTAMP) == column.name.endswith("_at")
    assert (column.type is Type.BOOL) == column.name.startswith(("is_", "has_"))
    assert (column.type is Type.DATE) == column.name.endswith("_date")


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_has_a_meaning_in_words(table: Table, column: Column):
    assert column.meaning.strip()
    assert column.meaning.replace(" ", "_").lower() != column.name


def test_every_known_name_is_in_use():
    assert set(KNOWN) <= {column.name for table in TABLES for column in table.columns}
