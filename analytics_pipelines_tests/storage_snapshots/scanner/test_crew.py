import os
import random
import signal
from contextlib import contextmanager

import pytest

from analytics_pipelines.storage_snapshots.scanner.crew import Pacing, ScanInterrupted, ending, walked
from analytics_pipelines.storage_snapshots.scanner.rows import Tabulator
from analytics_pipelines.storage_snapshots.scanner.walk import FOLDER
from analytics_pipelines_tests.storage_snapshots.scanner.walking import walkers
from analytics_pipelines_tests.storage_snapshots.trees import DAY, hostile_tree

SEED = 20261121


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tree").mkdir()
    for number in range(40):
        (tmp_path / "tree" / str(number) / "below").mkdir(parents=True)
    return hostile_tree(tmp_path / "tree")


def rows_of(tree, pacing, progress=lambda _: None):
    rows = []

    @contextmanager
    def desk():
        tabulator = Tabulator("s", DAY, str(tree), None)
        yield lambda sheet: rows.extend(tabulator.batch(sheet).to_pylist())

    root = os.open(tree, FOLDER)
    try:
        passed = walked(root, pacing, desk(), progress)
    finally:
        os.close(root)
        assert walkers() == []
    return passed, rows


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_name_is_found_once_however_many_walk(tree, workers):
    seen = []
    passed, rows = rows_of(tree, Pacing(workers=workers), seen.append)
    expected = {str(tree)}
    for place, folders, files in os.walk(tree):
        expected.update(f"{place}/{name}" for name in folders + files)
    assert {os.fsdecode(row["path_raw"] or row["path"].encode()) for row in rows} == expected
    assert len(rows) == len(expected) == seen[-1]
    assert seen == sorted(seen)
    assert (passed.vanished, passed.other_filesystems) == (0, 0)


def test_what_the_desk_raises_ends_the_walk(tree):
    @contextmanager
    def desk():
        def take(_sheet):
            raise OSError(28, "No space left on device")

        yield take

    root = os.open(tree, FOLDER)
    try:
        with pytest.raises(OSError, match="No space left"):
            walked(root, Pacing(workers=2), desk(), lambda _: None)
    finally:
        os.close(root)
    assert walkers() == []


def test_a_desk_that_can_not_be_entered_ends_the_walk(tree):
    @contextmanager
    def desk():
        raise PermissionError(13, "Permission denied")
        yield

    root = os.open(tree, FOLDER)
    try:
        with pytest.raises(PermissionError):
            walked(root, Pacing(workers=2), desk(), lambda _: None)
    finally:
        os.close(root)


@pytest.mark.fault
def test_a_worker_that_is_killed_ends_the_walk_and_is_told(tree):
    chance = random.Random(SEED)

    def kill_one(seen):
        workers = walkers()
        if seen > 10 and len(workers) == 2:
            os.kill(chance.choice(workers).pid, signal.SIGKILL)

    with pytest.raises(ScanInterrupted, match="signal 9"):
        rows_of(tree, Pacing(workers=2, most_per_second=100), kill_one)


def test_how_a_process_ended_is_told_in_words():
    assert (ending(-11), ending(3)) == ("signal 11", "status 3")
