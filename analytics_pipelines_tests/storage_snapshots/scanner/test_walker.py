import mmap
import os

import pytest

from analytics_pipelines.storage_snapshots.scanner import sheet as sheet_file
from analytics_pipelines.storage_snapshots.scanner import walk as walk_file
from analytics_pipelines.storage_snapshots.scanner import walker as walker_file
from analytics_pipelines.storage_snapshots.scanner.walk import FOLDER
from analytics_pipelines.storage_snapshots.scanner.walker import HUNGRY_AT, MEMORY_BYTES, SEEN, SEEN_AT, Walker, main


@pytest.fixture
def tree(tmp_path):
    for name in "abcd":
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    return tmp_path


@pytest.fixture
def employed(tree, monkeypatch):
    """Runs a walker on the tree with these orders; gives its memory and what it told."""
    root = os.open(tree, FOLDER)
    memory = mmap.mmap(-1, MEMORY_BYTES)

    def run(*orders, hungry=False):
        given, told = iter(orders), []
        monkeypatch.setattr(walker_file, "heard", lambda: next(given))
        monkeypatch.setattr(walker_file, "tell", told.append)
        memory[HUNGRY_AT] = hungry
        Walker(root, memory, is_crossing=False, most_per_second=None).work()
        return memory, told

    yield run
    os.close(root)


def test_what_it_was_told_to_visit_is_on_its_sheet(employed):
    memory, told = employed({"visit": ["a", "b"]}, {"finish": True})
    assert [next(iter(message)) for message in told] == ["idle", "sheet", "done"]
    assert (told[1]["rows"], SEEN.unpack_from(memory, SEEN_AT)) == (4, (4,))
    assert sorted(told[1]["runs"]) == [("", 1), ("", 1), ("a", 1), ("b", 1)]
    assert told[2]["done"] == {"vanished": 0, "other_filesystems": 0}


def test_it_shares_half_when_somebody_is_idle(employed):
    memory, told = employed({"visit": [""]}, {"finish": True}, hungry=True)
    (shared,) = [message["share"] for message in told if "share" in message]
    assert len(shared) == 2
    assert memory[HUNGRY_AT] == 0
    walked = {folder for message in told if "sheet" in message for folder, _ in message["runs"]}
    assert walked == {None, "", "a", "b", "c", "d"} - set(shared)


def test_it_waits_for_a_sheet_when_both_are_full(employed, monkeypatch):
    monkeypatch.setattr(sheet_file, "MOST_ROWS", 3)
    free = [{"free": [number % 2]} for number in range(9)]
    _, told = employed({"visit": [""]}, *free[:2], {"finish": True})
    sheets = [message for message in told if "sheet" in message]
    assert [message["rows"] for message in sheets] == [3, 3, 3]
    assert sheets[0]["sheet"] != sheets[1]["sheet"]


def test_it_ends_when_nobody_gives_orders_any_more(monkeypatch, tmp_path):
    (tmp_path / "nothing").touch()
    with (tmp_path / "nothing").open() as nothing:
        monkeypatch.setattr(walker_file.sys, "stdin", nothing)
        with pytest.raises(SystemExit) as ended:
            walker_file.heard()
    assert ended.value.code == 0


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        pytest.param(
            walk_file.RootGone("EIO: Input/output error"), {"root_gone": "EIO: Input/output error"}, id="root"
        ),
        pytest.param(OSError(24, ""), {"failed": "EMFILE: Too many open files"}, id="files"),
    ],
)
def test_what_goes_wrong_is_told_before_it_ends(monkeypatch, tmp_path, failure, told):
    def failing(_walker):
        raise failure

    messages = []
    monkeypatch.setattr(walker_file, "tell", messages.append)
    monkeypatch.setattr(walker_file, "DIES_WITH_ITS_PARENT", (1, 0))
    monkeypatch.setattr(walker_file.gc, "disable", lambda: None)
    monkeypatch.setattr(Walker, "work", failing)
    root, memory = os.open(tmp_path, FOLDER), os.memfd_create("memory")
    os.ftruncate(memory, MEMORY_BYTES)
    try:
        main(f'{{"root": {root}, "memory": {memory}, "is_crossing": false, "most_per_second": null}}')
    finally:
        os.close(root)
        os.close(memory)
    assert messages == [told]
