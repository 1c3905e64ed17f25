"""Rows of hot tables have exactly the declared columns, whatever the lake's tables hold."""

import duckdb
import pytest

from analytics_pipelines.foundation.select import no_rows
from analytics_pipelines.storage_snapshots.hot import shapes
from analytics_pipelines.storage_snapshots.hot.tables import CHILDREN, FOLDERS, LARGEST, NAMES
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, DIRECTORY_BANDS, ENTRIES
from analytics_pipelines_tests.storage_snapshots.hot.paper_readable import PaperReadable, rows_of
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node

SHAPES = {
    "folders": (FOLDERS, lambda: shapes.folders(no_rows(DIRECTORIES), no_rows(DIRECTORY_BANDS))),
    "children": (CHILDREN, lambda: shapes.children(no_rows(ENTRIES), no_rows(DIRECTORIES))),
    "names": (NAMES, lambda: shapes.names(no_rows(ENTRIES))),
    "largest": (LARGEST, lambda: shapes.largest(no_rows(ENTRIES))),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_has_the_columns_of_its_hot_table_and_their_types(shape):
    table, query = SHAPES[shape]
    with duckdb.connect() as connection:
        described = connection.execute("DESCRIBE " + query().text).fetchall()
    assert {column: kind for column, kind, *_ in described} == {
        column.name: column.type.value for column in table.columns
    }


def test_a_folder_without_bands_is_still_a_folder():
    with duckdb.connect() as connection:
        readable = PaperReadable(connection, rows_of({DAY: {"a": Node("/a", "d")}}))
        query = shapes.folders(readable.scan(DIRECTORIES), no_rows(DIRECTORY_BANDS))
        (row,) = connection.execute(query.text).to_arrow_table().to_pylist()
    assert (row["path"], row["size_bin_0_file_count"]) == ("/a", None)


def test_of_a_file_of_several_names_the_first_is_the_largest():
    names = [Node("/a/" + name, inode=7, size=9, links=2) for name in "zxy"] + [Node("/a/b", inode=8, size=9)]
    with duckdb.connect() as connection:
        readable = PaperReadable(connection, rows_of({DAY: {"a": Node("/a", "d", children=names)}}))
        query = shapes.largest(readable.scan(ENTRIES)).text + " ORDER BY measure, rank"
        rows = connection.execute(query).to_arrow_table().to_pylist()
    assert [(row["rank"], row["path"]) for row in rows if row["measure"] == "size"] == [(1, "/a/b"), (2, "/a/x")]


SIZES = [0, 1, 1, 2, 3, 4, 7, 8, 8, 8, 1023, 1024, 1025, 2**53, 2**54 - 2, 2**54 - 1, 2**54 - 1]


@pytest.mark.parametrize("most", [1, 2, 3, 8, 10, 16, 99])
def test_the_largest_are_kept_and_no_more_with_ties_by_position(monkeypatch, most):
    monkeypatch.setattr(shapes, "MOST_LARGEST", most)
    files = [Node("/a/" + str(number), inode=number, size=size) for number, size in enumerate(SIZES)]
    rows = rows_of({DAY: {"a": Node("/a", "d", inode=99, children=files)}})
    rows[ENTRIES.name][-2]["size_bytes"] = 2**63 - 1
    rows[ENTRIES.name][-1]["size_bytes"] = None
    with duckdb.connect() as connection:
        query = shapes.largest(PaperReadable(connection, rows).scan(ENTRIES)).text + " ORDER BY measure, rank"
        found = [
            (row["rank"], row["path"])
            for row in connection.execute(query).to_arrow_table().to_pylist()
            if row["measure"] == "size"
        ]
    ordered = sorted(rows[ENTRIES.name][1:], key=lambda row: (-(row["size_bytes"] or 0), row["pre"]))
    assert found == [(rank, row["path"]) for rank, row in enumerate(ordered[:most], 1)]
