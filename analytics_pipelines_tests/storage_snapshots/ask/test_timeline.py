from datetime import timedelta

import pytest

from analytics_pipelines.storage_snapshots.ask.chosen import UnknownPath, UnknownShare
from analytics_pipelines.storage_snapshots.ask.timeline import TimelineBackwards, timeline
from analytics_pipelines_tests.storage_snapshots.histories import asked, file, folder
from analytics_pipelines_tests.storage_snapshots.trees import DAY

DAYS = [DAY + timedelta(days=number) for number in range(8)]


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    def tree(*sizes):
        return folder("/r", folder("/r/f", *[file(f"/r/f/{size}", size, inode=size) for size in sizes]))

    trees = {0: tree(1), 1: tree(1), 3: tree(1, 4), 4: folder("/r"), 6: tree(9), 7: tree(9)}
    days = {DAYS[number]: {"s": root} | ({"t": folder("/t")} if number == 3 else {}) for number, root in trees.items()}
    with asked(tmp_path_factory.mktemp("timeline"), days) as found:
        yield found


def sizes(found):
    (line,) = found
    return [(DAYS.index(point.date), point.size, point.files, point.size_change) for point in line.points]


def test_each_snapshot_that_has_the_folder_is_one_point(lease):
    assert sizes(timeline(lease, "/r/f")) == [
        (0, 1, 1, None),
        (1, 1, 1, 0),
        (3, 5, 2, 4),
        (6, 9, 1, None),
        (7, 9, 1, 0),
    ]


def test_a_range_is_told_with_the_change_to_the_snapshot_before_it(lease):
    assert sizes(timeline(lease, "r/f", start=DAYS[2], end=DAYS[5])) == [(3, 5, 2, 4)]
    assert sizes(timeline(lease, "r/f", "s", start=DAYS[4], end=DAYS[5])) == []


def test_without_a_path_each_share_is_told_by_its_root(lease):
    assert [(each.share, each.path, len(each.points)) for each in timeline(lease)] == [("s", "/r", 6), ("t", "/t", 1)]


def test_what_never_was_has_no_timeline(lease):
    with pytest.raises(UnknownPath):
        timeline(lease, "/r/never")
    with pytest.raises(UnknownShare):
        timeline(lease, "/r", "nobody")
    with pytest.raises(TimelineBackwards):
        timeline(lease, "/r", start=DAYS[1], end=DAYS[0])
