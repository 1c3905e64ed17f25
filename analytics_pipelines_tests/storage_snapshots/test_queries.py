from datetime import timedelta

import pytest

from analytics_pipelines.storage_snapshots.ask.chosen import BadSnapshotDate, UnknownSnapshot, chosen
from analytics_pipelines.storage_snapshots.queries import (
    FolderSize,
    ShareGrowth,
    SnapshotSummary,
    share_growth,
    snapshots,
    snapshots_of_shares,
    top_folders,
)
from analytics_pipelines_tests.storage_snapshots.forests import generation_of
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node

NEXT = DAY + timedelta(days=1)
LATER = DAY + timedelta(days=30)


def tree():
    inner = Node("/r/in", "d", blocks=8, children=[Node("/r/in/f", inode=1, size=9, blocks=16)])
    return Node("/r", "d", size=1, blocks=8, children=[inner])


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    days = {DAY: {"b": tree()}, NEXT: {"a": tree(), "b": tree()}, LATER: {"b": tree()}}
    with generation_of(tmp_path_factory.mktemp("home"), days) as (generations, _), generations.acquire() as lease:
        yield lease


def test_snapshots_are_listed_by_day_newest_first(lease):
    assert snapshots(lease) == [
        SnapshotSummary(LATER, ["b"], 1, 1, 10, 32 * 512, 0),
        SnapshotSummary(NEXT, ["a", "b"], 2, 2, 20, 2 * 32 * 512, 0),
        SnapshotSummary(DAY, ["b"], 1, 1, 10, 32 * 512, 0),
    ]


def test_a_snapshot_has_its_shares_and_the_latest_the_newest_of_each(lease):
    assert [(each.share, each.snapshot_date) for each in snapshots_of_shares(lease)] == [("a", NEXT), ("b", LATER)]
    of_day = snapshots_of_shares(lease, NEXT.isoformat())
    assert [(each.share, each.snapshot_date, each.root_path) for each in of_day] == [
        ("a", NEXT, "/r"),
        ("b", NEXT, "/r"),
    ]
    assert {(each.entry_count, each.file_count, each.allocated_bytes) for each in of_day} == {(3, 1, 32 * 512)}


def test_an_unknown_day_is_told_with_the_days_nearest_to_it(lease):
    with pytest.raises(UnknownSnapshot, match="2026-03-01, 2026-03-02, 2026-03-31"):
        snapshots_of_shares(lease, "2026-03-03")
    with pytest.raises(BadSnapshotDate):
        snapshots_of_shares(lease, "today")


@pytest.mark.parametrize(("day", "shares"), [(LATER, "b"), (NEXT, "ab"), (DAY, "b")])
def test_top_folders_are_those_that_take_most_space_on_the_day(lease, day, shares):
    whole = [FolderSize(share, "/r", 1, 1, 10, 32 * 512) for share in shares]
    inner = [FolderSize(share, "/r/in", 1, 0, 9, 24 * 512) for share in shares]
    assert top_folders(lease, day, 3) == (whole + inner)[:3]
    assert top_folders(lease, day, 1) == whole[:1]


def test_top_folders_of_the_newest_day_come_from_the_hot_table(tmp_path):
    with generation_of(tmp_path, {DAY: {"a": tree()}}) as (generations, _), generations.acquire() as lease:
        assert chosen(lease, DAY.isoformat()).is_hot
        assert [each.path for each in top_folders(lease, DAY, 5)] == ["/r", "/r/in"]


def test_a_day_without_a_snapshot_has_no_folders(lease):
    assert top_folders(lease, DAY - timedelta(days=1), 3) == []


def test_a_share_is_told_with_its_totals_and_what_changed(lease):
    assert share_growth(lease, NEXT) == [
        ShareGrowth("a", "/r", 1, 32 * 512, None, None),
        ShareGrowth("b", "/r", 1, 32 * 512, None, None),
    ]


def test_where_nothing_was_scanned_the_lists_are_empty(tmp_path):
    with generation_of(tmp_path, {}) as (generations, _), generations.acquire() as lease:
        assert snapshots(lease) == []
        assert top_folders(lease, DAY, 3) == []
        assert share_growth(lease, DAY) == []
