import os
import time

from analytics_pipelines.foundation.lake import workspace as module
from analytics_pipelines.foundation.lake.workspace import sweep, workspace


def swept(staging) -> list[str]:
    found = []
    sweep(staging, lambda folder: found.append(folder.name))
    return found


def test_a_living_writers_folder_is_left_alone(tmp_path):
    with workspace(tmp_path) as folder:
        (folder / "data.parquet").write_bytes(b"half")
        assert swept(tmp_path) == []
        assert (folder / "data.parquet").exists()
    assert list(tmp_path.iterdir()) == []


def test_a_dead_writers_folder_is_settled_and_removed(tmp_path):
    dead = tmp_path / "dead.writing"
    dead.mkdir()
    (dead / "data.parquet").write_bytes(b"half")
    assert swept(tmp_path) == ["dead.writing"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "generation").mkdir()
    assert swept(tmp_path) == []
    assert (tmp_path / "generation").exists()


def test_only_old_loose_files_are_removed(tmp_path):
    old, new = tmp_path / "old.part", tmp_path / "new.part"
    for file in (old, new):
        file.write_bytes(b"x")
    hours_ago = time.time() - 7200
    os.utime(old, (hours_ago, hours_ago))
    sweep(tmp_path, lambda _: None)
    assert [file.name for file in tmp_path.iterdir()] == ["new.part"]


def test_without_a_staging_folder_there_is_nothing_to_sweep(tmp_path):
    assert swept(tmp_path / "absent") == []


def test_a_folder_swept_before_it_was_locked_is_made_anew(tmp_path, monkeypatch):
    lock = module._lock_of
    stolen = []

    def lock_after_a_sweep(folder):
        if not stolen:
            stolen.append(folder)
            folder.rmdir()
        return lock(folder)

    monkeypatch.setattr(module, "_lock_of", lock_after_a_sweep)
    with workspace(tmp_path) as folder:
        assert folder.is_dir()
        assert folder not in stolen


def test_a_folder_swept_while_it_was_being_locked_is_made_anew(tmp_path, monkeypatch):
    lock = module._lock_of
    stolen = []

    def sweep_after_opening(folder):
        held = lock(folder)
        if not stolen:
            stolen.append(folder)
            folder.rmdir()
        return held

    monkeypatch.setattr(module, "_lock_of", sweep_after_opening)
    with workspace(tmp_path) as folder:
        assert folder.is_dir()
        assert folder not in stolen
