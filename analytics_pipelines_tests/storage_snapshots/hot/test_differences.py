"""The rows by themselves, from changes written by hand; `ask/test_comparison.py` holds them against trees."""

import duckdb
import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.hot.differences import (
    FILES,
    FOLDERS,
    ComparedLevel,
    differences,
    kinds_of,
    net_step,
)
from analytics_pipelines.storage_snapshots.hot.tables import DIFFERENCES

CHANGED = Sql(
    "SELECT 's' AS share, '/r/' || name AS path, name, '/r' AS parent_path, 1 AS depth, moved_from, change,"
    " CASE WHEN change <> 'removed' THEN 'f' END AS type, CASE WHEN change <> 'added' THEN 'f' END AS before_type,"
    " size AS size_bytes, before AS before_size_bytes, space AS allocated_bytes, 8 AS before_allocated_bytes,"
    " NULL::TIMESTAMPTZ AS modified_at, NULL::TIMESTAMPTZ AS before_modified_at"
    " FROM (VALUES ('new', 'added', NULL, 5, NULL, 8), ('gone', 'removed', NULL, NULL, 7, NULL),"
    " ('to', 'added', '/r/from', 3, NULL, 8), ('from', 'removed', NULL, NULL, 4, NULL),"
    " ('more', 'changed', NULL, 9, 2, 8), ('less', 'changed', NULL, 1, 2, 99), ('space', 'changed', NULL, 2, 2, 16),"
    " ('sparse', 'changed', NULL, 2, 2, 0), ('time', 'changed', NULL, 2, 2, 8))"
    " AS given(name, change, moved_from, size, before, space)"
)
NO_FOLDERS = Sql(
    "SELECT 's' AS share, '' AS path, '' AS name, '' AS parent_path, 1 AS depth, '' AS moved_from, '' AS change,"
    " 0 AS size_bytes, 0 AS before_size_bytes, 0 AS allocated_bytes, 0 AS before_allocated_bytes, 0 AS file_count,"
    " 0 AS before_file_count, 0 AS dir_count, 0 AS before_dir_count WHERE false"
)


def rows(level):
    files = kinds_of(FILES, net_step(FILES, CHANGED, Sql("true")))
    folders = kinds_of(FOLDERS, net_step(FOLDERS, NO_FOLDERS, Sql("true")))
    with duckdb.connect() as connection:
        result = connection.execute(differences(level, files, folders).text)
        assert [column[0] for column in result.description] == list(DIFFERENCES.column_names[2:])
        return {row[1]: (row[3], row[6]) for row in result.fetchall()}


def test_a_path_is_told_by_kind_and_weight():
    assert rows(ComparedLevel.FILES) == {
        "/r/new": ("added", 5),
        "/r/gone": ("removed", 7),
        "/r/to": ("moved", 4),
        "/r/more": ("grown", 7),
        "/r/less": ("shrunk", 1),
        "/r/space": ("grown", 0),
        "/r/sparse": ("shrunk", 0),
        "/r/time": ("changed", 0),
    }


def test_of_the_level_of_folders_no_file_is_told():
    assert rows(ComparedLevel.DIRECTORIES) == {}


@pytest.mark.parametrize("level", [FILES, FOLDERS])
def test_every_column_that_is_told_stands_in_the_changes(level):
    columns = set(level.table.column_names)
    assert {*level.told, *level.keys} | {"before_" + column for column in (*level.told, *level.keys)} <= columns
