import numpy as np
import pytest

from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.storage_snapshots.rollup.planted import planted
from analytics_pipelines_tests.storage_snapshots import paper
from analytics_pipelines_tests.storage_snapshots.paper import Leaf, folder


@pytest.fixture
def forest(lake):
    """Plants the forest of some shares."""

    def plant(entries):
        with paper.scanned(entries) as scan, lake.duck.cursor() as cursor:
            scan.mount(cursor, "entries")
            return planted(cursor)

    return plant


def name(inode, links=2):
    return Leaf("f" + str(inode), inode=inode, link_count=links)


ROOTS = {
    "a": folder("r", folder("x", name(1), folder("y", name(1), name(2))), name(2), folder("z", name(1), name(3, 1))),
    "b": folder("r", name(1), name(1), name(3, 1)),
}


def test_folders_are_numbered_from_share_to_share(forest):
    found = forest(paper.entries_of(ROOTS))
    assert found.key()["pre"].to_pylist() == [0, 1, 3, 7, 0]
    assert found.key()["share"].to_pylist() == ["a"] * 4 + ["b"]
    assert found.ends.tolist() == [4, 3, 3, 4, 5]
    assert found.parents.tolist() == [5, 0, 1, 0, 5]
    assert found.levels.tolist() == [0, 1, 2, 1, 0]


def test_names_of_a_file_meet_in_the_deepest_folder_that_holds_both(forest):
    found = forest(paper.entries_of(ROOTS))
    assert dict(zip(found.repeats.tolist(), found.meets.tolist(), strict=True)) == {4: 1, 6: 0, 8: 0, 12: 4}
    assert found.inside.tolist() == [12]


def test_inodes_of_other_shares_and_devices_are_other_files(forest):
    elsewhere = Leaf("e", inode=1, link_count=2, device=9)
    found = forest(paper.entries_of({"a": folder("r", name(1)), "b": folder("r", name(1), elsewhere)}))
    assert found.repeats.tolist() == []


def test_rows_that_are_no_tree_are_refused(forest):
    table = paper.entries_of({"a": folder("r", Leaf("f"), folder("d", Leaf("g")))})
    order = np.array([0, 2, 1, 3])
    with pytest.raises(CheckFailed, match="The entries do not all"):
        forest(table.take(order))
