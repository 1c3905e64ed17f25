import errno
import os
import stat
import subprocess

import pytest

from analytics_pipelines.storage_snapshots import walk as walk_file
from analytics_pipelines.storage_snapshots.walk import Walk
from analytics_pipelines_tests.storage_snapshots.trees import hostile_tree


def walked(folder):
    walk = Walk(str(folder))
    return walk, {entry.path: entry for entry in walk}


def test_every_name_of_a_hostile_tree_is_found_under_its_true_name(tmp_path):
    _, found = walked(hostile_tree(tmp_path))
    listed = subprocess.run(["find", os.fsencode(tmp_path), "-print0"], capture_output=True, check=True).stdout
    assert {entry.path_raw or entry.path.encode() for entry in found.values()} == set(listed.split(b"\0")) - {b""}
    assert not [entry.path for entry in found.values() if entry.error]


def test_kinds_and_targets_are_those_of_the_names_themselves(tmp_path):
    _, found = walked(hostile_tree(tmp_path))
    kinds = {name: stat.S_IFMT(found[f"{tmp_path}/{name}"].status.st_mode) for name in ("pipe", "socket", "loop")}
    assert kinds == {"pipe": stat.S_IFIFO, "socket": stat.S_IFSOCK, "loop": stat.S_IFLNK}
    assert found[f"{tmp_path}/loop"].linkname == "."
    assert found[f"{tmp_path}/dangling"].linkname == "../nowhere"


def test_parents_and_depths_lead_to_the_root(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    _, found = walked(tmp_path)
    root = found.pop(str(tmp_path))
    assert (root.parent_path, root.depth, root.name) == (None, 0, tmp_path.name)
    assert {(entry.parent_path, entry.depth, entry.name) for entry in found.values()} == {
        (str(tmp_path), 1, "a"),
        (str(tmp_path / "a"), 2, "b"),
    }


def test_paths_below_the_root_of_the_machine_have_one_slash(monkeypatch, tmp_path):
    (tmp_path / "usr").mkdir()
    (tmp_path / "file").touch()
    walk = Walk("/")
    monkeypatch.setattr(walk, "root", str(tmp_path))
    found = {entry.path: (entry.name, entry.parent_path, entry.depth) for entry in walk}
    assert found == {"/": ("/", None, 0), "/usr": ("usr", "/", 1), "/file": ("file", "/", 1)}


@pytest.mark.parametrize(
    ("name", "levels"),
    [pytest.param("d", 2000, id="two thousand levels"), pytest.param("long" * 50, 300, id="a path of 60 KB")],
)
def test_a_deep_tree_is_walked_to_its_end(tmp_path, name, levels):
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("bottom", os.O_CREAT, dir_fd=here))
    os.close(here)
    try:
        _, found = walked(tmp_path)
        bottom = found[str(tmp_path) + ("/" + name) * levels + "/bottom"]
        assert bottom.depth == levels + 1
        assert not [entry for entry in found.values() if entry.error]
    finally:
        subprocess.run(["rm", "-rf", tmp_path / name], check=True)


def test_a_folder_that_may_not_be_opened_is_a_row_with_the_error(tmp_path, monkeypatch):
    (tmp_path / "closed" / "inside").mkdir(parents=True)
    (tmp_path / "open").mkdir()
    really_open = os.open

    def refusing(path, flags, *, dir_fd=None):
        if path == "closed":
            raise PermissionError(errno.EACCES, "Permission denied")
        return really_open(path, flags, dir_fd=dir_fd)

    monkeypatch.setattr(walk_file.os, "open", refusing)
    _, found = walked(tmp_path)
    assert found[str(tmp_path / "closed")].error == "EACCES: Permission denied"
    assert stat.S_ISDIR(found[str(tmp_path / "closed")].status.st_mode)
    assert found[str(tmp_path / "open")].error is None
    assert len(found) == 3


@pytest.mark.parametrize(
    ("failure", "error", "vanished"),
    [
        pytest.param(OSError(errno.EIO, "?"), "EIO: Input/output error", 0, id="a broken disk is told"),
        pytest.param(FileNotFoundError(errno.ENOENT, "?"), None, 1, id="what is gone is only counted"),
    ],
)
def test_a_folder_that_can_not_be_read_does_not_end_the_walk(tmp_path, monkeypatch, failure, error, vanished):
    (tmp_path / "bad").mkdir()
    (tmp_path / "good").touch()
    really_stat = os.stat

    def failing(path, *, dir_fd=None, follow_symlinks=True):
        if path == "bad":
            raise failure
        return really_stat(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(walk_file.os, "stat", failing)
    walk, found = walked(tmp_path)
    assert walk.vanished == vanished
    assert str(tmp_path / "good") in found
    assert getattr(found.get(str(tmp_path / "bad")), "error", None) == error


class Changing:
    """`os.scandir` on a tree in which somebody is at work: calls `change` between listing and reading."""

    def __init__(self, change):
        self.change = change
        self.listed = os.scandir

    def __call__(self, descriptor):
        with self.listed(descriptor) as names:
            found = list(names)
        self.change()
        return Listing(found)


class Listing(list):
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def test_files_that_go_away_during_the_walk_are_counted_and_do_not_end_it(tmp_path, monkeypatch):
    for name in ("stays", "goes", "goes too"):
        (tmp_path / name).touch()

    def change():
        (tmp_path / "goes").unlink()
        (tmp_path / "goes too").unlink()

    monkeypatch.setattr(walk_file.os, "scandir", Changing(change))
    walk, found = walked(tmp_path)
    assert set(found) == {str(tmp_path), str(tmp_path / "stays")}
    assert walk.vanished == 2


def test_a_folder_swapped_for_a_link_is_not_followed(tmp_path, monkeypatch):
    outside = tmp_path / "outside"
    (outside / "secret").mkdir(parents=True)
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)

    def change():
        if not (root / "folder").is_symlink():
            (root / "folder").rmdir()
            (root / "folder").symlink_to(outside)

    monkeypatch.setattr(walk_file.os, "scandir", Changing(change))
    _, found = walked(root)
    assert set(found) == {str(root), str(root / "folder")}
    assert found[str(root / "folder")].error.startswith("ENOTDIR")


def test_a_link_that_can_not_be_read_has_no_target_and_an_error(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to("x")

    def failing(path, *, dir_fd):
        raise OSError(errno.EINVAL, "?")

    monkeypatch.setattr(walk_file.os, "readlink", failing)
    _, found = walked(tmp_path)
    assert found[str(tmp_path / "link")].linkname is None
    assert found[str(tmp_path / "link")].error.startswith("EINVAL")


@pytest.mark.fault
def test_other_file_systems_are_left_out_and_counted(tmp_path):
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(mounted)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs needs root")
    try:
        (mounted / "inside").touch()
        walk, found = walked(tmp_path)
    finally:
        subprocess.run(["umount", "--lazy", str(mounted)], check=True)
    assert set(found) == {str(tmp_path)}
    assert walk.other_filesystems == 1
