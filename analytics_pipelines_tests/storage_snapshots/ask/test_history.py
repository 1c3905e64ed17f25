from datetime import timedelta

import pytest

from analytics_pipelines.storage_snapshots.ask.chosen import NoSnapshots, UnknownShare
from analytics_pipelines.storage_snapshots.ask.history import UnknownHistory, folder_history, history
from analytics_pipelines_tests.storage_snapshots.histories import asked, file, folder
from analytics_pipelines_tests.storage_snapshots.trees import DAY

DAYS = [DAY + timedelta(days=number) for number in range(6)]


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    trees = [
        folder("/r", file("/r/a", 5, inode=7)),
        folder("/r", file("/r/a", 5, inode=7)),
        folder("/r", file("/r/a", 8, inode=7)),
        folder("/r", file("/r/b", 8, inode=7)),
        folder("/r", file("/r/c", 8, inode=7)),
        folder("/r", file("/r/c", 8, inode=7), file("/r/a", 1, inode=9)),
    ]
    days = {day: {"s": tree} for day, tree in zip(DAYS, trees, strict=True)}
    days[DAYS[2]]["t"] = folder("/r", file("/r/a"))
    with asked(tmp_path_factory.mktemp("history"), days) as found:
        yield found


def told(versions):
    return [
        (each.row["path"], each.row["change"], each.row["valid_from"], each.row["valid_to"], each.changed)
        for each in versions
    ]


def test_each_version_says_from_when_to_when_and_what_changed(lease):
    assert told(history(lease, "/r/a", "s")) == [
        ("/r/a", "first", DAYS[0], DAYS[2], []),
        ("/r/a", "changed", DAYS[2], DAYS[3], ["size_bytes"]),
        ("/r/a", "removed", DAYS[3], DAYS[5], []),
        ("/r/a", "added", DAYS[5], None, []),
    ]


def test_without_a_share_each_one_has_its_own_versions(lease):
    assert [each.row["share"] for each in history(lease, "r/a")] == ["s"] * 4 + ["t"]


def test_a_file_is_followed_back_to_all_the_names_it_had(lease):
    assert told(history(lease, "/r/c", follows_moves=True)) == [
        ("/r/a", "first", DAYS[0], DAYS[2], []),
        ("/r/a", "changed", DAYS[2], DAYS[3], ["size_bytes"]),
        ("/r/a", "removed", DAYS[3], DAYS[5], []),
        ("/r/b", "added", DAYS[3], DAYS[4], []),
        ("/r/b", "removed", DAYS[4], None, []),
        ("/r/c", "added", DAYS[4], None, []),
    ]


def test_a_file_is_followed_on_to_the_names_it_got_later(lease):
    assert [row[:2] for row in told(history(lease, "/r/b", follows_moves=True))][-2:] == [
        ("/r/b", "removed"),
        ("/r/c", "added"),
    ]


def test_a_folders_sums_have_versions_of_their_own(lease):
    sums = [(each.row["valid_from"], each.row["size_bytes"], each.changed) for each in folder_history(lease, "/r", "s")]
    assert sums == [
        (DAYS[0], 5, []),
        (DAYS[2], 8, ["size_bytes"]),
        (DAYS[5], 9, ["size_bytes", "allocated_bytes", "file_count"]),
    ]


def test_what_never_was_has_no_history(lease):
    with pytest.raises(UnknownHistory):
        history(lease, "/r/never")
    with pytest.raises(UnknownHistory):
        folder_history(lease, "/r/a")
    with pytest.raises(UnknownShare):
        history(lease, "/r/a", "nobody")


def test_before_the_first_snapshot_there_is_no_history(tmp_path):
    with asked(tmp_path, {}) as lease, pytest.raises(NoSnapshots):
        history(lease, "/r")
