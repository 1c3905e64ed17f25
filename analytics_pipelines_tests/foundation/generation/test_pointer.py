"""The pointer names the old or the new generation at every instant; locks keep a generation from the sweep."""

import os

from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.generation.pointer import LOCK_FILE, lock_generation


def folders_with(tmp_path, *ids: str) -> GenerationFolders:
    folders = GenerationFolders(tmp_path / "generations", tmp_path / "staging")
    folders.staging.mkdir()
    for generation_id in ids:
        staged = folders.staging / "made"
        staged.mkdir()
        (staged / LOCK_FILE).touch()
        folders.install(staged, generation_id)
        folders.point_to(generation_id)
    return folders


def test_before_the_first_publication_nothing_is_named(tmp_path):
    folders = folders_with(tmp_path)
    assert folders.current_id() is None
    assert folders.ids() == []


def test_the_newest_in_force_comes_first(tmp_path):
    folders = folders_with(tmp_path, "a", "b", "c")
    folders.point_to("a")
    assert folders.current_id() == "a"
    assert folders.ids() == ["a", "c", "b"]
    assert folders.published_at("a") >= folders.published_at("c")


def test_the_pointer_is_relative_so_that_a_home_can_move(tmp_path):
    folders = folders_with(tmp_path, "a")
    assert str((folders.root / "current").readlink()) == "a"
    assert list(folders.staging.iterdir()) == []


def test_shared_locks_go_together_and_exclude_the_sweep(tmp_path):
    folder = folders_with(tmp_path, "a").folder("a")
    first, second = lock_generation(folder), lock_generation(folder)
    assert lock_generation(folder, exclusive=True) is None
    for descriptor in (first, second):
        os.close(descriptor)
    sweeping = lock_generation(folder, exclusive=True)
    assert sweeping is not None
    assert lock_generation(folder) is None
    os.close(sweeping)


def test_a_swept_generation_can_not_be_locked(tmp_path, monkeypatch):
    folders = folders_with(tmp_path, "a")
    assert lock_generation(folders.folder("b")) is None
    opened = os.open

    def open_and_lose(path, *arguments):
        descriptor = opened(path, *arguments)
        folders.folder("a").rename(folders.staging / "swept")
        return descriptor

    monkeypatch.setattr(os, "open", open_and_lose)
    assert lock_generation(folders.folder("a")) is None
