import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask import type_index as module
from analytics_pipelines.storage_snapshots.ask.chosen import chosen
from analytics_pipelines.storage_snapshots.ask.extensions import extensions
from analytics_pipelines.storage_snapshots.ask.type_index import COLUMNS, type_index
from analytics_pipelines.storage_snapshots.hot.tables import TYPES
from analytics_pipelines_tests.storage_snapshots.forests import DAYS, generation_of

ALL = Sql("SELECT share, pre, extension, {columns} FROM {types} AS types ORDER BY share, pre, extension")


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    with generation_of(tmp_path_factory.mktemp("forest"), DAYS) as (generations, _), generations.acquire() as lease:
        yield lease


def test_every_folder_has_the_extensions_of_the_hot_table(lease):
    expected = {}
    for share, pre, *row in lease.tuples(ALL.fill(columns=Sql(", ".join(COLUMNS)), types=lease.table(TYPES.name))):
        expected.setdefault((share, pre), []).append(tuple(row))
    assert len({share for share, _ in expected}) > 1
    for (share, pre), rows in expected.items():
        assert type_index(lease).rows(share, pre) == rows


def test_what_holds_no_file_has_no_extensions(lease):
    assert type_index(lease).rows("a", 10**9) == []
    assert type_index(lease).rows("no share", 0) == []


def test_past_the_most_rows_the_hot_table_answers_the_same(tmp_path, monkeypatch, lease):
    monkeypatch.setattr(module, "MOST_TYPES", 0)
    with generation_of(tmp_path, DAYS) as (generations, _), generations.acquire() as other:
        assert type_index(other) is None
        for path in (None, "/"):
            assert extensions(chosen(other), path, 100).told == extensions(chosen(lease), path, 100).told
