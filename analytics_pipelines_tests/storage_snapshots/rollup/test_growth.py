from datetime import timedelta

import pytest

from analytics_pipelines.storage_snapshots.rollup.growth import growth
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, GROWTH
from analytics_pipelines_tests.storage_snapshots.trees import DAY, Node, rolled_up, written

NEXT = DAY + timedelta(days=1)


@pytest.fixture
def grown(lake, tmp_path):
    """Makes the growth of a day from sizes of the files of each share and day."""

    def made(sizes_by_day, asked):
        for day, shares in sizes_by_day.items():
            for share, sizes in shares.items():
                files = [Node(f"/r/{number}", inode=number, size=size, blocks=8) for number, size in enumerate(sizes)]
                rows = [node.row(share) for node in Node("/r", "d", children=files).names()]
                written(tmp_path, share, rows, day)
            rolled_up(lake, tmp_path, day)
        lake.replace(GROWTH, asked, growth(lake.scan(DIRECTORIES, [DAY, NEXT]), asked))
        return lake.lazy(GROWTH, [asked]).collect().to_dicts()

    return made


def test_growth_is_the_difference_to_the_day_before(grown):
    (row,) = grown({DAY: {"s": [10, 20]}, NEXT: {"s": [10, 25, 1]}}, NEXT)
    assert (row["snapshot_date"], row["root_path"]) == (NEXT, "/r")
    assert (row["file_count"], row["size_bytes"], row["allocated_bytes"]) == (3, 36, 3 * 4096)
    assert (row["file_count_change"], row["size_change_bytes"], row["allocated_change_bytes"]) == (1, 6, 4096)
    assert (row["dir_count"], row["dir_count_change"]) == (0, 0)


def test_a_share_that_was_not_scanned_the_day_before_has_no_change(grown):
    rows = grown({DAY: {"a": [1]}, NEXT: {"a": [3], "b": [7]}}, NEXT)
    assert [(row["share"], row["size_change_bytes"]) for row in rows] == [("a", 2), ("b", None)]


def test_a_share_that_was_not_scanned_today_is_not_a_loss(grown):
    rows = grown({DAY: {"a": [1], "b": [7]}, NEXT: {"a": [3]}}, NEXT)
    assert [row["share"] for row in rows] == ["a"]


def test_the_day_after_does_not_count(grown):
    (row,) = grown({DAY: {"s": [1]}, NEXT: {"s": [5]}}, DAY)
    assert (row["size_bytes"], row["size_change_bytes"]) == (1, None)


def test_a_day_without_snapshot_has_no_growth(grown, lake):
    grown({DAY: {"s": [1]}}, DAY)
    assert growth(lake.scan(DIRECTORIES, [DAY, NEXT]), NEXT) is None
