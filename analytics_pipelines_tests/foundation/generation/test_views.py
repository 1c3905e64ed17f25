"""Tables of a generation in SQL, for whoever opens one."""

import duckdb

from analytics_pipelines.foundation.generation.description import read_generation
from analytics_pipelines.foundation.generation.views import attach_rooms, make_view, query_of, some_columns
from analytics_pipelines_tests.generations import TABLES, publish_edition


def test_every_table_is_read_from_the_folder_that_is_named_and_can_be_shown_in_part(settings, lake):
    folder = publish_edition(settings, lake, 1).folder
    moved = folder.rename(folder.with_name("moved"))
    generation = read_generation(moved)
    with duckdb.connect() as connection:
        attach_rooms(connection, moved, generation)
        for table in generation.tables:
            make_view(connection, table.name, some_columns(query_of(moved, table), ["item"]))
        for table in TABLES:
            found = connection.sql("FROM " + table.name + " ORDER BY item")
            assert (found.columns, found.fetchall()) == (["item"], [(f"item {number}",) for number in range(3)])
