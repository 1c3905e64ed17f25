import pytest

from analytics_pipelines.storage_snapshots.rollup.directories import directory_types
from analytics_pipelines.storage_snapshots.tables import DIRECTORY_TYPES
from analytics_pipelines_tests.storage_snapshots import paper
from analytics_pipelines_tests.storage_snapshots.paper import Leaf, folder


@pytest.fixture
def types(lake):
    """Files by extension below and in each folder of a tree."""

    def rows(root):
        with paper.scanned(paper.entries_of({"s": root})) as scan:
            found = paper.answered(lake.duck, DIRECTORY_TYPES, directory_types(scan))
        return [(row["pre"], row["extension"], row["file_count"], row["own_file_count"]) for row in found]

    return rows


def linked(extension):
    return Leaf("f." + extension, extension=extension, inode=7, link_count=3)


def test_extensions_of_a_folder_are_those_of_all_below_it(types):
    root = folder("r", Leaf("a", extension="b"), folder("d", Leaf("c", extension="z"), Leaf("e")), folder("empty"))
    assert types(root) == [(0, "", 1, 0), (0, "b", 1, 1), (0, "z", 1, 0), (2, "", 1, 1), (2, "z", 1, 1)]


def test_a_file_of_several_names_counts_under_the_first_in_each_folder(types):
    root = folder("r", folder("a", linked("one")), folder("b", linked("two"), linked("one")))
    assert types(root) == [(0, "one", 1, 0), (1, "one", 1, 1), (3, "two", 1, 1)]


def test_a_later_name_still_counts_as_what_is_directly_in_the_folder(types):
    root = folder("r", folder("a", linked("one")), linked("two"))
    assert types(root) == [(0, "one", 1, 0), (0, "two", 0, 1), (1, "one", 1, 1)]
