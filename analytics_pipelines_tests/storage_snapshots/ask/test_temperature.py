from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.temperature import heat_of, temperature
from analytics_pipelines_tests.storage_snapshots.ask.reckoned import allocated, tables_of
from analytics_pipelines_tests.storage_snapshots.ask.shelves import (
    TAKEN_AT,
    above_of,
    asked,
    below,
    file_lists,
    once,
)


def kind(at):
    if at is None:
        return "unknown"
    age = TAKEN_AT - at
    return "hot" if age < timedelta(days=30) else "warm" if age < timedelta(days=365) else "cold"


def bytes_by_kind(files, column):
    return [
        sum(allocated(file) for file in files if kind(file[column]) == each)
        for each in ("hot", "warm", "cold", "unknown")
    ]


def seen(heat):
    assert sum(band.size_du for band in heat.bands) == heat.hot + heat.warm + heat.cold + heat.unknown
    return [heat.hot, heat.warm, heat.cold, heat.unknown]


@settings(max_examples=15, deadline=None)
@given(file_lists(), st.booleans(), st.sampled_from(["atime", "mtime"]))
def test_bytes_are_as_hot_as_their_files(files, is_hot, by):
    with asked(tables_of(files), is_hot=is_hot) as these:
        shares, folders = temperature(these, path=None, by=by, limit=99)
    assert [each.share for each in shares] == sorted({file["share"] for file in files})
    for each in shares + folders:
        inside = once(below(files, each.path))
        assert seen(each.accessed) == bytes_by_kind(inside, "accessed_at")
        assert seen(each.modified) == bytes_by_kind(inside, "modified_at")
        assert sum(band.files for band in each.modified.bands) == len(inside)
    assert {each.path for each in folders} == {
        above_of(file["path"])[1] for file in files if len(above_of(file["path"])) > 1
    }
    cold = [-(each.accessed if by == "atime" else each.modified).cold for each in folders]
    assert cold == sorted(cold)


def test_of_one_folder_the_folders_in_it_are_told():
    file = {"share": "one", "size_bytes": 1, "allocated_bytes": 512, "link_count": 1, "inode": None, "device": 1}
    old = TAKEN_AT - timedelta(days=365)
    files = [file | {"path": path, "accessed_at": old} for path in ("/one/x/y/a", "/one/x/z/a", "/one/b")]
    with asked(tables_of(files)) as these:
        (folder,), inner = temperature(these, path="/one/x", by="atime", limit=1)
    assert (folder.path, folder.accessed.cold, folder.accessed.cold_pct) == ("/one/x", 1024, 100)
    assert (folder.modified.unknown, folder.modified.cold_pct) == (1024, 0)
    assert [each.path for each in inner] == ["/one/x/y"]


def test_where_nothing_is_known_nothing_is_cold():
    heat = heat_of([None] * 7, [None] * 7)
    assert (heat.hot, heat.cold, heat.cold_pct) == (0, 0, None)
