import pytest

from analytics_pipelines.storage_snapshots.rollup.distribution import distribution
from analytics_pipelines.storage_snapshots.tables import DISTRIBUTION, ENTRIES
from analytics_pipelines_tests.storage_snapshots import paper
from analytics_pipelines_tests.storage_snapshots.paper import DAY, LARGEST, TAKEN, Leaf, folder


@pytest.fixture
def told(lake):
    """Values of one dimension with files and bytes, published as the lake publishes them."""

    def rows(dimension, roots, times=None):
        with paper.scanned(paper.entries_of(roots)) as scan:
            lake.replace(DISTRIBUTION, DAY, distribution(scan, paper.taken(times or {})))
        found = lake.lazy(DISTRIBUTION, [DAY]).filter(dimension=dimension).collect()
        return found.select("share", "value", "file_count", "size_bytes").rows()

    return rows


def test_owners_are_told_by_name_else_by_number_else_not_at_all(told):
    files = [Leaf("a", owner_name="eva", uid=5), Leaf("b", uid=0), Leaf("c")]
    assert told("owner", {"s": folder("r", *files)}) == [("s", "", 1, 0), ("s", "0", 1, 0), ("s", "eva", 1, 0)]


def test_folders_are_no_files_and_a_file_of_two_names_is_one(told):
    names = [
        Leaf("a", inode=1, link_count=2, size_bytes=5),
        folder("d", Leaf("b", inode=1, link_count=2, size_bytes=5)),
    ]
    assert told("type", {"a": folder("r", *names), "b": folder("r", *names)}) == [("a", "f", 1, 5), ("b", "f", 1, 5)]


def test_sizes_that_no_number_can_add_up_stay_at_the_largest(told):
    files = [Leaf("a", size_bytes=LARGEST), Leaf("b", size_bytes=LARGEST), Leaf("c", size_bytes=2**45 - 1)]
    found = told("size_bin", {"s": folder("r", *files)})
    assert found == [("s", "8", 1, 2**45 - 1), ("s", "9", 2, LARGEST)]


def test_ages_are_measured_from_the_shares_own_time(told):
    root = folder("r", Leaf("a", modified_at=TAKEN))
    found = told("modified_age", {"a": root, "b": root}, {"a": TAKEN})
    assert [row[:3] for row in found] == [("a", "under_30_days", 1), ("b", "unknown", 1)]


def test_a_day_without_entries_has_no_distribution(lake):
    nothing = lake.scan(ENTRIES, [DAY])
    assert distribution(nothing, nothing) is None
