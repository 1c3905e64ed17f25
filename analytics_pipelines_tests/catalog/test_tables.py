"""One index of every room's tables, which all keep to the conventions."""

import pytest

from analytics_pipelines.catalog.tables import TABLES
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
