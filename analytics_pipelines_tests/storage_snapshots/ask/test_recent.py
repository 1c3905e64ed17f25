from collections import defaultdict
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.recent import Recent, recent_activity
from analytics_pipelines_tests.storage_snapshots.ask.shelves import (
    TAKEN_AT,
    asked,
    file_lists,
    once,
    order_of,
    rows_of_files,
)


def is_new(file, since):
    return None if file["born_at"] is None else file["born_at"] > since


def summed(files, since):
    return (
        len(files),
        len([file for file in files if is_new(file, since)]),
        sum(file["size_bytes"] or 0 for file in files),
        sum(file["allocated_bytes"] or 0 for file in files),
    )


def grouped(files, key):
    groups = defaultdict(list)
    for file in files:
        groups[key(file)].append(file)
    return groups


@settings(max_examples=15, deadline=None)
@given(file_lists(), st.integers(1, 900), st.booleans())
def test_recent_activity_is_what_a_person_with_patience_counts(files, days, is_hot):
    since = TAKEN_AT - timedelta(days=days)
    recent = [file for file in once(files) if file["modified_at"] and file["modified_at"] > since]
    shown = sorted(recent, key=order_of)
    shown.sort(key=lambda file: file["modified_at"], reverse=True)
    with asked(rows_of_files(files), is_hot=is_hot) as these:
        first = recent_activity(these, Recent(days), limit=3)
        rest = recent_activity(these, Recent(days), limit=99, cursor=first.next_cursor)
    found = first.files + (rest.files if first.next_cursor else [])
    assert [file["path"] for file in found] == [file["path"] for file in shown]
    assert [file["is_new"] for file in found] == [is_new(file, since) for file in shown]
    assert (first.total_files, first.new_files, first.size, first.size_du) == summed(recent, since)
    by_day = grouped(recent, lambda file: file["modified_at"].date())
    assert [each.date for each in first.by_day] == sorted(by_day, reverse=True)
    for each in first.by_day:
        assert (each.files, each.new_files, each.size, each.size_du) == summed(by_day[each.date], since)
    by_folder = grouped(recent, lambda file: (file["share"], file["path"].rpartition("/")[0]))
    assert {(each.share, each.path) for each in first.by_folder} == set(by_folder)
    for each in first.by_folder:
        inside = by_folder[each.share, each.path]
        assert (each.files, each.new_files, each.size, each.size_du) == summed(inside, since)
        assert each.latest_mtime == max(file["modified_at"] for file in inside)
    assert [-each.size_du for each in first.by_folder] == sorted(-each.size_du for each in first.by_folder)


def test_changes_to_come_are_recent_and_changes_below_another_folder_are_not_asked_for():
    later = {"modified_at": TAKEN_AT + timedelta(days=3), "size_bytes": 1, "link_count": 1, "inode": None}
    files = [{"share": "one", "path": path, "born_at": None} | later for path in ("/one/x/a", "/one/y/b")]
    with asked(rows_of_files(files)) as these:
        found = recent_activity(these, Recent(1, "/one/x"), limit=9)
    assert [file["path"] for file in found.files] == ["/one/x/a"]
    assert found.files[0]["is_new"] is None
