from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask import folder_index as module
from analytics_pipelines.storage_snapshots.ask.chosen import chosen
from analytics_pipelines.storage_snapshots.ask.folder_index import COLUMNS, KNOWN, folder_index, numbers
from analytics_pipelines.storage_snapshots.ask.folders import folders_of
from analytics_pipelines.storage_snapshots.hot.tables import FOLDERS
from analytics_pipelines_tests.storage_snapshots.forests import DAYS, generation_of

ASKED = ("share", "path", *COLUMNS)
ALL = Sql("SELECT {columns} FROM {folders} AS folders ORDER BY share, pre")


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    with generation_of(tmp_path_factory.mktemp("forest"), DAYS) as (generations, _), generations.acquire() as lease:
        yield lease


def rows_of(lease):
    query = ALL.fill(columns=Sql(", ".join(ASKED)), folders=lease.table(FOLDERS.name))
    return [dict(zip(ASKED, row, strict=True)) for row in lease.tuples(query)]


def test_every_folder_is_told_as_the_hot_table_has_it(lease):
    index, rows = folder_index(lease), rows_of(lease)
    assert rows
    for row in rows:
        assert index.rows(row["path"], {row["share"]}, ASKED) == [row]


def test_a_path_of_several_shares_is_told_by_share_and_only_of_those_asked_about(lease):
    index, rows = folder_index(lease), rows_of(lease)
    of_root = [row for row in rows if row["path"] == "/"]
    assert len(of_root) > 1
    assert index.rows("/", {row["share"] for row in of_root}, ASKED) == of_root
    assert index.rows("/", {of_root[-1]["share"]}, ASKED) == of_root[-1:]


def test_without_a_path_the_roots_are_told(lease):
    roots = [row for row in rows_of(lease) if row["pre"] == 0]
    assert folder_index(lease).rows(None, {row["share"] for row in roots}, ASKED) == roots


def test_unknown_paths_have_no_rows_even_where_half_of_the_md5_is_the_same(lease):
    index, row = folder_index(lease), rows_of(lease)[0]
    assert index.rows(row["path"].rstrip("/") + "/not there", {row["share"]}, ASKED) == []
    other = replace(index, checks=index.checks ^ np.uint64(1))
    assert other.rows(row["path"], {row["share"]}, ASKED) == []


@pytest.mark.parametrize("name", ["MOST_FOLDERS", "LAST_US"])
def test_what_the_index_can_not_hold_is_answered_the_same_without_it(tmp_path, monkeypatch, name):
    monkeypatch.setattr(module, name, 0)
    with generation_of(tmp_path, DAYS) as (generations, _), generations.acquire() as lease:
        assert folder_index(lease) is None
        columns = sorted(KNOWN)
        without = folders_of(chosen(lease), "/", columns)
        monkeypatch.undo()
    with generation_of(tmp_path / "again", DAYS) as (generations, _), generations.acquire() as lease:
        assert folder_index(lease) is not None
        assert folders_of(chosen(lease), "/", columns).rows == without.rows


def test_numbers_take_half_the_room_only_where_they_fit():
    assert numbers(pa.chunked_array([[1, None], [2**31 - 1]])).dtype == np.int32
    assert numbers(pa.chunked_array([[1, None], [2**31]])).tolist() == [1, 0, 2**31]
