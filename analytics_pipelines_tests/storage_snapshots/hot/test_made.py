"""Hot tables against plain counting, for shares whose newest snapshots are of different days."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.sql import name as name_of
from analytics_pipelines.storage_snapshots.ask.paths import path_key
from analytics_pipelines.storage_snapshots.hot.tables import (
    CHILDREN,
    FOLDERS,
    GRAMS,
    LARGEST,
    NAMES,
    NAMES_PER_BLOCK,
    TYPES,
)
from analytics_pipelines.storage_snapshots.tables import (
    DIRECTORIES,
    DIRECTORY_BANDS,
    DIRECTORY_TYPES,
    ENTRIES,
    SNAPSHOTS,
)
from analytics_pipelines_tests.storage_snapshots.hot.paper_readable import forest, hot_tables, rows_of
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node

DAYS = tuple(DAY + timedelta(days=number) for number in (0, 1, 40))


def newest(rows, table):
    """Rows of the lake table, of each share's newest snapshot."""
    last = {}
    for row in rows[SNAPSHOTS.name]:
        last[row["share"]] = max(last.get(row["share"], DAYS[0]), row["snapshot_date"])
    return [row for row in rows[table.name] if last[row["share"]] == row["snapshot_date"]]


def found_in(cursor, table):
    """Rows of a hot table, as they lie in it."""
    result = cursor.execute(Sql("SELECT * FROM room.main.{table}").fill(table=name_of(table.name)).text)
    columns = [column[0] for column in result.description]
    assert columns == list(table.column_names)
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def of_columns(rows, table):
    """The rows as that table has them: null where it has more columns."""
    return [{column: row.get(column) for column in table.column_names} for row in rows]


def folded_order(row):
    return row["name"].lower().encode(), row["share"], row["pre"]


def check_folders(cursor, rows):
    bands = {(row["share"], row["pre"]): row for row in newest(rows, DIRECTORY_BANDS)}
    expected = [
        bands[row["share"], row["pre"]] | row | {"path_key": path_key(row["path"])} for row in newest(rows, DIRECTORIES)
    ]
    expected.sort(key=lambda row: (row["path_key"], row["share"]))
    assert found_in(cursor, FOLDERS) == of_columns(expected, FOLDERS)


def check_children(cursor, rows):
    totals = {(row["share"], row["pre"]): row for row in newest(rows, DIRECTORIES)}
    expected = []
    for row in newest(rows, ENTRIES):
        sums = totals.get((row["share"], row["pre"]), {})
        named = {
            "total_" + name: sums.get(name) for name in ("size_bytes", "allocated_bytes", "file_count", "dir_count")
        }
        parent_pre = -1 if row["parent_pre"] is None else row["parent_pre"]
        expected.append(row | named | {"parent_pre": parent_pre})
    expected.sort(key=lambda row: (row["share"], row["parent_pre"], row["pre"]))
    assert found_in(cursor, CHILDREN) == of_columns(expected, CHILDREN)


def check_names(cursor, rows):
    ordered = sorted(newest(rows, ENTRIES), key=folded_order)
    expected = [
        row | {"position": position, "block": position // NAMES_PER_BLOCK, "folded_name": row["name"].lower()}
        for position, row in enumerate(ordered)
    ]
    assert found_in(cursor, NAMES) == of_columns(expected, NAMES)


def check_grams(cursor, rows):
    expected = {
        ((ord(one) << 42) | (ord(two) << 21) | ord(three), position // NAMES_PER_BLOCK)
        for position, row in enumerate(sorted(newest(rows, ENTRIES), key=folded_order))
        for name in [row["name"].lower()]
        for one, two, three in zip(name, name[1:], name[2:], strict=False)
    }
    assert [(row["gram"], row["block"]) for row in found_in(cursor, GRAMS)] == sorted(expected)


def check_largest(cursor, rows):
    firsts = {}
    for row in sorted(newest(rows, ENTRIES), key=lambda row: row["pre"]):
        if row["type"] != "d":
            firsts.setdefault((row["share"], row["inode"]), row)
    expected = []
    for share in sorted({share for share, _ in firsts}):
        files = [row for (owner, _), row in firsts.items() if owner == share]
        for measure in ("allocated", "size"):
            files.sort(key=lambda row: (-row[measure + "_bytes"], row["pre"]))
            expected += [row | {"measure": measure, "rank": rank} for rank, row in enumerate(files, 1)]
    assert found_in(cursor, LARGEST) == of_columns(expected, LARGEST)


def check_types(cursor, rows):
    expected = sorted(newest(rows, DIRECTORY_TYPES), key=lambda row: (row["share"], row["pre"], row["extension"]))
    assert found_in(cursor, TYPES) == of_columns(expected, TYPES)


CHECKS = (check_folders, check_children, check_names, check_grams, check_largest, check_types)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_each_hot_table_holds_what_plain_counting_finds(seed):
    rows = rows_of(forest(seed, DAYS))
    for row in rows[ENTRIES.name]:
        if row["type"] != "d":
            row["link_count"] = 2
    with hot_tables(rows) as cursor:
        for check in CHECKS:
            check(cursor, rows)


def test_without_a_snapshot_hot_tables_are_empty():
    with hot_tables(rows_of({})) as cursor:
        for table in (FOLDERS, CHILDREN, NAMES, GRAMS, LARGEST, TYPES):
            assert found_in(cursor, table) == []


def test_a_day_whose_sums_are_still_on_their_way_is_not_the_newest():
    rows = rows_of({DAYS[0]: {"a": Node("/a", "d")}, DAYS[1]: {"a": Node("/a", "d", size=9)}})
    rows[DIRECTORIES.name] = [row for row in rows[DIRECTORIES.name] if row["snapshot_date"] == DAYS[0]]
    with hot_tables(rows) as cursor:
        assert [row["snapshot_date"] for row in found_in(cursor, FOLDERS)] == [DAYS[0]]


def test_names_shorter_than_a_gram_stand_among_the_names():
    root = Node("/a", "d", children=[Node("/a/x", inode=1), Node("/a/xy", inode=2), Node("/a/Xyz", inode=3)])
    with hot_tables(rows_of({DAYS[0]: {"a": root}})) as cursor:
        assert [row["folded_name"] for row in found_in(cursor, NAMES)] == ["a", "x", "xy", "xyz"]
        assert [row["gram"] for row in found_in(cursor, GRAMS)] == [(ord("x") << 42) | (ord("y") << 21) | ord("z")]
