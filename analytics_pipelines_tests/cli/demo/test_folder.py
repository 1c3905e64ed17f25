"""The demo's folder changes between two scans, and is gone afterwards."""

from pathlib import Path

import pytest

from analytics_pipelines.cli.demo.folder import MARKER, NAME, DemoFolder, demo_folder
from analytics_pipelines.foundation.errors import Conflict


def files_of(folder: Path) -> dict[str, int]:
    return {str(file.relative_to(folder)): file.stat().st_size for file in folder.rglob("*") if file.is_file()}


def test_one_file_grows_one_comes_and_one_goes(tmp_path: Path) -> None:
    with demo_folder(tmp_path, tmp_path / "beside") as folder:
        folder.first_state()
        before = files_of(folder.path)
        folder.second_state()
        after = files_of(folder.path)
    assert after["logs/service.log"] > before["logs/service.log"]
    assert set(before) - set(after) == {"to-delete.tmp"}
    assert set(after) - set(before) == {"reports/march.csv", "backups/monday.bin"}


def test_it_lies_inside_a_writable_tree_and_is_removed(tmp_path: Path) -> None:
    with demo_folder(tmp_path, tmp_path / "beside") as folder:
        assert folder.is_inside
        assert folder.path == tmp_path / NAME
    assert list(tmp_path.iterdir()) == []


def test_it_lies_beside_a_read_only_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with demo_folder(tmp_path / "scanned", tmp_path / "beside") as folder:
        assert not folder.is_inside
        assert folder.path == tmp_path / "beside" / NAME


def test_what_a_killed_demo_left_is_cleared_first(tmp_path: Path) -> None:
    left = DemoFolder(tmp_path / NAME, is_inside=True)
    left.second_state()
    (left.path / MARKER).touch()
    with demo_folder(tmp_path, tmp_path) as folder:
        assert list(files_of(folder.path)) == [MARKER]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(Conflict, match="was not made by the demo"), demo_folder(tmp_path, tmp_path):
        pass
    assert (tmp_path / NAME).is_dir()
