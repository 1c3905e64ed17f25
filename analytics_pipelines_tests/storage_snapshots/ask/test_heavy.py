import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.chosen import UnknownPath
from analytics_pipelines.storage_snapshots.ask.heavy import Heavy, heavy_files
from analytics_pipelines.storage_snapshots.ask.pages import BadCursor, Pages
from analytics_pipelines_tests.storage_snapshots.ask.shelves import (
    asked,
    below,
    extension,
    file_lists,
    once,
    order_of,
    rows_of_files,
)

COLUMNS = {"size": "size_bytes", "allocated": "allocated_bytes"}


def heaviest(files, by, folder=None, ending=None):
    """What a person with patience would list."""
    kept = below(files, folder)
    if ending is not None:
        kept = [file for file in kept if (extension(file["path"]) or "") == ending]
    known = [file for file in once(kept) if file[COLUMNS[by]] is not None]
    return [file["path"] for file in sorted(known, key=lambda file: (-file[COLUMNS[by]], order_of(file)))]


def all_pages(these, question, limit):
    found, cursor = [], None
    while True:
        page = heavy_files(these, question, limit=limit, cursor=cursor)
        found += [file["path"] for file in page.files]
        cursor = page.next_cursor
        if cursor is None:
            return found
        assert len(page.files) == limit


@settings(max_examples=15, deadline=None)
@given(file_lists(), st.sampled_from(["size", "allocated"]), st.booleans(), st.integers(1, 5), st.data())
def test_heavy_files_are_those_of_a_plain_sort_on_whatever_pages(files, by, is_hot, limit, data):
    folder = data.draw(st.none() | st.sampled_from(sorted({"/" + file["share"] for file in files})))
    ending = data.draw(st.none() | st.sampled_from(["txt", "", "mp4"]))
    with asked(rows_of_files(files), is_hot=is_hot) as these:
        assert all_pages(these, Heavy(by, folder, ending), limit) == heaviest(files, by, folder, ending)
        assert all_pages(these, Heavy(by), limit) == heaviest(files, by)


def test_a_cursor_is_good_for_its_own_question_only():
    files = [
        {"share": "one", "path": "/one/" + name, "size_bytes": 5, "link_count": 1, "inode": None} for name in ("a", "b")
    ]
    with asked(rows_of_files(files)) as these:
        cursor = heavy_files(these, Heavy("size"), limit=1).next_cursor
        assert heavy_files(these, Heavy("size"), limit=9, cursor=cursor).files[0]["path"] == "/one/b"
        pages = Pages.of(these.lease.id, {"heavy": Heavy("size"), "snapshots": these.snapshots})
        made_up = pages.cursor_at((None, None, None, None))
        assert heavy_files(these, Heavy("size"), limit=1, cursor=made_up).files == []
        with pytest.raises(BadCursor):
            heavy_files(these, Heavy("size", extension="txt"), limit=1, cursor=cursor)
        with pytest.raises(UnknownPath):
            heavy_files(these, Heavy(path="/nowhere"), limit=1)
