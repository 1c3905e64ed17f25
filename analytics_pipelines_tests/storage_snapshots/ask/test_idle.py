from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.idle import Idle, idle_files
from analytics_pipelines_tests.storage_snapshots.ask.shelves import (
    TAKEN_AT,
    asked,
    below,
    file_lists,
    once,
    order_of,
    rows_of_files,
)


def last_use(file, by):
    times = {"both": ("modified_at", "accessed_at"), "atime": ("accessed_at",), "mtime": ("modified_at",)}[by]
    known = [file[time] for time in times if file[time] is not None]
    return max(known) if len(known) == len(times) else None


def size_of(file, column="allocated_bytes"):
    return max(file[column] or 0, 0)


@settings(max_examples=15, deadline=None)
@given(file_lists(), st.sampled_from(["both", "atime", "mtime"]), st.integers(1, 900), st.booleans(), st.booleans())
def test_idle_files_are_those_a_person_with_patience_finds(files, by, days, is_hot, is_below):
    folder = "/" + files[0]["share"] if is_below else None
    kept = once(below(files, folder))
    idle = [file for file in kept if last_use(file, by) and TAKEN_AT - last_use(file, by) >= timedelta(days=days)]
    shown = sorted((file for file in idle if file["size_bytes"] is not None), key=lambda f: (-size_of(f), order_of(f)))
    unknown = [file for file in kept if last_use(file, by) is None]
    with asked(rows_of_files(files), is_hot=is_hot) as these:
        first = idle_files(these, Idle(days, by, path=folder), limit=2)
        rest = idle_files(these, Idle(days, by, path=folder), limit=99, cursor=first.next_cursor)
    found = first.files + (rest.files if first.next_cursor else [])
    assert [file["path"] for file in found] == [file["path"] for file in shown]
    assert [file["idle_days"] for file in found] == [(TAKEN_AT - last_use(file, by)).days for file in shown]
    assert [file["last_used_at"] for file in found] == [last_use(file, by).replace(tzinfo=None) for file in shown]
    totals = first.totals
    assert (totals.files, totals.size_du) == (len(idle), sum(size_of(file) for file in idle))
    assert totals.size == sum(size_of(file, "size_bytes") for file in idle)
    assert (totals.unknown_files, totals.unknown_size_du) == (len(unknown), sum(size_of(file) for file in unknown))
    everything = sum(size_of(file) for file in kept)
    assert totals.size_du_pct == (100 * totals.size_du / everything if everything else None)


def test_a_file_is_idle_from_the_very_day_on():
    def found(age_days):
        file = {"share": "one", "path": "/one/a", "size_bytes": 5, "allocated_bytes": 512, "link_count": 1}
        at = TAKEN_AT - timedelta(days=age_days)
        with asked(rows_of_files([file | {"modified_at": at, "accessed_at": at}])) as these:
            return len(idle_files(these, Idle(365), limit=1).files)

    assert [found(364.99), found(365), found(-3)] == [0, 1, 0]
