from contextlib import contextmanager
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from analytics_pipelines.foundation.duck import rows_of
from analytics_pipelines.foundation.select import Scan
from analytics_pipelines.storage_snapshots.growth import growth
from analytics_pipelines.storage_snapshots.queries import (
    FolderSize,
    ShareGrowth,
    SnapshotSummary,
    share_growth,
    snapshots,
    top_folders,
)
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, GROWTH
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node, rolled_up, written

NEXT = DAY + timedelta(days=1)


@contextmanager
def leased(lake, days):
    """What the lake holds, as a lease on a generation has it."""
    with lake.duck.cursor() as cursor:
        for table in (DIRECTORIES, GROWTH):
            Scan(table, lake.scan(table, days).files).mount(cursor, table.name)
        yield SimpleNamespace(id="g1", rows=lambda model, sql, **values: rows_of(cursor, model, sql, values))


@pytest.fixture
def lease(lake, tmp_path):
    for day, shares in ((DAY, "b"), (NEXT, "ba")):
        for share in shares:
            inner = Node("/r/in", "d", blocks=8, children=[Node("/r/in/f", inode=1, size=9, blocks=16)])
            root = Node("/r", "d", size=1, blocks=8, children=[inner])
            written(tmp_path, share, [node.row(share) for node in root.names()], day)
        rolled_up(lake, tmp_path, day)
        lake.replace(GROWTH, day, growth(lake.scan(DIRECTORIES, [day - timedelta(days=1), day]), day))
    with leased(lake, [DAY, NEXT]) as lease:
        yield lease


def test_snapshots_are_listed_by_day_newest_first(lease):
    assert snapshots(lease) == [
        SnapshotSummary(NEXT, ["a", "b"], 2, 2, 20, 2 * 32 * 512, 0),
        SnapshotSummary(DAY, ["b"], 1, 1, 10, 32 * 512, 0),
    ]


def test_top_folders_are_those_that_take_most_space_on_the_day(lease):
    assert top_folders(lease, NEXT, 3) == [
        FolderSize("a", "/r", 1, 1, 10, 32 * 512),
        FolderSize("b", "/r", 1, 1, 10, 32 * 512),
        FolderSize("a", "/r/in", 1, 0, 9, 24 * 512),
    ]
    assert top_folders(lease, date(1999, 1, 1), 3) == []


def test_a_share_has_grown_since_the_day_before_or_is_new(lease):
    assert share_growth(lease, NEXT) == [
        ShareGrowth("a", "/r", 1, 32 * 512, None, None),
        ShareGrowth("b", "/r", 1, 32 * 512, 0, 0),
    ]


def test_where_nothing_was_scanned_the_lists_are_empty(lake):
    with leased(lake, []) as lease:
        assert snapshots(lease) == []
        assert top_folders(lease, DAY, 3) == []
        assert share_growth(lease, DAY) == []
