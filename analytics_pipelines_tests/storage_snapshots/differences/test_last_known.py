from datetime import timedelta

import pytest

from analytics_pipelines.storage_snapshots.differences.last_known import (
    MOST_DAYS_BETWEEN,
    Gap,
    both,
    days_read,
    folders_above,
    pairs,
    topmost,
)
from analytics_pipelines_tests.storage_snapshots.histories import file, folder
from analytics_pipelines_tests.storage_snapshots.paper_lake import write_paper
from analytics_pipelines_tests.storage_snapshots.trees import DAY

DAYS = [DAY + timedelta(days=number) for number in range(4)]
READABLE = folder("/r", folder("/r/f", file("/r/f/a"), file("/r/f/b")))
HIDDEN = folder("/r", folder("/r/f", error="EACCES"))


@pytest.mark.parametrize(
    ("path", "above"), [("/", []), ("/a", ["/"]), ("/a/b/c", ["/", "/a", "/a/b"])], ids=["root", "one", "three"]
)
def test_folders_above_a_path_begin_with_the_root(path, above):
    assert folders_above(path) == above


def test_regions_meet_where_one_lies_in_the_other():
    assert topmost({"/a", "/a/b", "/ab", "/c/d"}) == {"/a", "/ab", "/c/d"}
    assert both(frozenset({"/a", "/c/d", "/e"}), frozenset({"/a/b", "/c", "/f"})) == {"/a/b", "/c/d"}


def test_a_share_is_paired_with_its_newest_earlier_snapshot_within_a_year(lake):
    write_paper(lake, DAY - timedelta(days=MOST_DAYS_BETWEEN + 1), {"long ago": READABLE})
    write_paper(lake, DAYS[0], {"a": READABLE, "b": READABLE})
    write_paper(lake, DAYS[1], {"b": READABLE})
    write_paper(lake, DAYS[3], {"a": READABLE, "b": READABLE, "long ago": READABLE, "new": READABLE})
    found = pairs(lake, DAYS[3])
    assert [(pair.share, pair.previous) for pair in found] == [
        ("a", DAYS[0]),
        ("b", DAYS[1]),
        ("long ago", None),
        ("new", None),
    ]
    assert days_read(found, DAYS[3]) == [DAYS[0], DAYS[1], DAYS[3]]
    assert pairs(lake, DAYS[2]) == ()


def test_what_was_hidden_in_between_is_read_where_it_was_last_seen(lake):
    for day, tree in zip(DAYS, (READABLE, HIDDEN, HIDDEN, READABLE), strict=True):
        write_paper(lake, day, {"s": tree})
    (pair,) = pairs(lake, DAYS[3])
    assert (pair.previous, pair.gaps, pair.unreadable) == (DAYS[2], (Gap(DAYS[0], 2, 3),), frozenset())
    (hidden,) = pairs(lake, DAYS[1])
    assert (hidden.gaps, hidden.unreadable) == ((), {"/r/f"})
