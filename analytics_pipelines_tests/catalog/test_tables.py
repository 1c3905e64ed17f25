"""One index of every room's tables, which all keep to the conventions."""

import pytest

from analytics_pipelines.catalog.tables import HOT, TABLES
from analytics_pipelines.foundation.errors import NotFound

ROOMS = {"fs": "storage_snapshots", "app": "product_export", "web": "web_events"}


@pytest.mark.parametrize("table", [pytest.param(table, id=table.name) for table in TABLES])
def test_a_tables_name_says_its_layer_and_its_room(table):
    layer, rest = table.name.split("_", 1)
    assert layer in {"raw", "core", "out"}
    assert ROOMS[rest.split("__")[0]] == table.room


def test_no_two_rooms_declare_the_same_table():
    names = [table.name for table in TABLES]
    assert len(names) == len(set(names)) > 10


def test_a_table_is_looked_up_by_name():
    assert TABLES.named("out_web__daily_metrics").room == "web_events"
    with pytest.raises(NotFound):
        TABLES.named("nothing")


def test_hot_tables_are_made_of_tables_of_the_catalog_and_called_like_none_of_them():
    hot = [each.table.name for each in HOT]
    assert len(hot) == len(set(hot)) > 5
    assert not set(hot) & {table.name for table in TABLES}
    assert {table.name for each in HOT for table in each.reads} <= {table.name for table in TABLES}


@pytest.mark.parametrize("hot", [pytest.param(each, id=each.table.name) for each in HOT])
def test_a_hot_table_numbers_and_indexes_columns_of_its_own_and_lies_in_its_readers_room(hot):
    named = {column for column, _ in hot.numbered} | set(hot.indexed)
    assert named <= set(hot.table.column_names)
    assert {table.room for table in hot.reads} == {hot.table.room}
