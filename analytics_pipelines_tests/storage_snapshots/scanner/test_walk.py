import errno
import os
import subprocess

import pytest

from analytics_pipelines.storage_snapshots.scanner import sheet as sheet_file
from analytics_pipelines.storage_snapshots.scanner import walk as walk_file
from analytics_pipelines.storage_snapshots.scanner.sheet import Sheet
from analytics_pipelines.storage_snapshots.scanner.walk import BURST, RootGone, file_at, packed
from analytics_pipelines_tests.storage_snapshots.sheets import walked
from analytics_pipelines_tests.storage_snapshots.trees import hostile_tree


def test_every_name_of_a_hostile_tree_is_found_under_its_true_name(tmp_path):
    _, found = walked(hostile_tree(tmp_path))
    listed = subprocess.run(["find", os.fsencode(tmp_path), "-print0"], capture_output=True, check=True).stdout
    assert {row["path_raw"] or row["path"].encode() for row in found.values()} == set(listed.split(b"\0")) - {b""}
    assert not [row["path"] for row in found.values() if row["error"]]


def test_kinds_and_targets_are_those_of_the_names_themselves(tmp_path):
    _, found = walked(hostile_tree(tmp_path))
    kinds = {name: found[f"{tmp_path}/{name}"]["type"] for name in ("pipe", "socket", "loop")}
    assert kinds == {"pipe": "p", "socket": "s", "loop": "l"}
    assert found[f"{tmp_path}/loop"]["linkname"] == "."
    assert found[f"{tmp_path}/dangling"]["linkname"] == "../nowhere"
    assert {row["linkname"] for row in found.values() if row["type"] != "l"} == {None}


def test_parents_and_depths_lead_to_the_root(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    _, found = walked(tmp_path)
    root = found.pop(str(tmp_path))
    assert (root["parent_path"], root["depth"], root["name"]) == (None, 0, tmp_path.name)
    assert {(row["parent_path"], row["depth"], row["name"]) for row in found.values()} == {
        (str(tmp_path), 1, "a"),
        (str(tmp_path / "a"), 2, "b"),
    }


def test_paths_below_the_root_of_the_machine_have_one_slash(tmp_path):
    (tmp_path / "usr" / "lib").mkdir(parents=True)
    (tmp_path / "file").touch()
    _, rows = walked(tmp_path, name="/")
    found = {path: (row["name"], row["parent_path"], row["depth"]) for path, row in rows.items()}
    below = {"/usr": ("usr", "/", 1), "/file": ("file", "/", 1), "/usr/lib": ("lib", "/usr", 2)}
    assert found == {"/": ("/", None, 0)} | below


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
        assert bottom["depth"] == levels + 1
        assert not [row for row in found.values() if row["error"]]
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
    assert found[str(tmp_path / "closed")]["error"] == "EACCES: Permission denied"
    assert (found[str(tmp_path / "closed")]["type"], found[str(tmp_path / "closed")]["nlink"]) == ("d", 3)
    assert found[str(tmp_path / "open")]["error"] is None
    assert len(found) == 3


@pytest.mark.parametrize(
    ("failure", "error", "vanished"),
    [
        pytest.param(OSError(errno.EIO, "?"), "EIO: Input/output error", 0, id="a broken disk is told"),
        pytest.param(FileNotFoundError(errno.ENOENT, "?"), None, 1, id="what is gone is only counted"),
    ],
)
def test_a_folder_of_which_nothing_can_be_read_does_not_end_the_walk(tmp_path, monkeypatch, failure, error, vanished):
    (tmp_path / "bad").mkdir()
    (tmp_path / "good").touch()
    really_open, really_stat = os.open, os.stat

    def failing_open(path, flags, *rest, **named):
        if path == "bad":
            raise failure
        return really_open(path, flags, *rest, **named)

    def failing_stat(path, *rest, **named):
        if path == "bad":
            raise failure
        return really_stat(path, *rest, **named)

    monkeypatch.setattr(walk_file.os, "open", failing_open)
    monkeypatch.setattr(walk_file.os, "stat", failing_stat)
    walk, found = walked(tmp_path)
    assert walk.vanished == vanished
    assert str(tmp_path / "good") in found
    row = found.get(str(tmp_path / "bad"), {"error": None, "type": "U", "size": None})
    assert (row["error"], row["type"], row["size"]) == (error, "U", None)


def test_a_file_that_refuses_to_be_asked_is_a_row_with_the_error(tmp_path, monkeypatch):
    for name in ("bad", "good", "link"):
        (tmp_path / name).touch()
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("good")
    really_statx, really_stat = walk_file._statx, os.stat

    def failing_stat(path, *rest, **named):
        if path == "bad":
            raise OSError(errno.EIO, "?")
        return really_stat(path, *rest, **named)

    monkeypatch.setattr(walk_file, "_statx", lambda *asked: -1 if asked[1] == b"bad" else really_statx(*asked))
    monkeypatch.setattr(walk_file.os, "stat", failing_stat)
    _, found = walked(tmp_path)
    assert (found[f"{tmp_path}/bad"]["error"], found[f"{tmp_path}/bad"]["type"]) == ("EIO: Input/output error", "U")
    assert (found[f"{tmp_path}/good"]["error"], found[f"{tmp_path}/good"]["type"]) == (None, "f")
    assert found[f"{tmp_path}/link"]["linkname"] == "good"


def test_names_before_a_listing_broke_off_are_kept(tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    for number in range(5):
        (tmp_path / "folder" / str(number)).touch()
    really_scandir = os.scandir

    def broken(found):
        yield from found[:3]
        raise OSError(errno.EIO, "?")

    def breaking(descriptor):
        with really_scandir(descriptor) as names:
            found = list(names)
        return Listing(broken(found) if len(found) == 5 else found)

    monkeypatch.setattr(walk_file.os, "scandir", breaking)
    _, found = walked(tmp_path)
    assert found[str(tmp_path / "folder")]["error"] == "EIO: Input/output error"
    assert len(found) == 2 + 3


def test_a_root_that_can_not_be_listed_ends_the_walk(tmp_path, monkeypatch):
    def failing(descriptor):
        raise OSError(errno.ESTALE, "?")

    monkeypatch.setattr(walk_file.os, "scandir", failing)
    with pytest.raises(RootGone, match="ESTALE"):
        walked(tmp_path)


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


class Listing:
    """Entries as `os.scandir` gives them: an iterator that can be closed."""

    def __init__(self, found):
        self.entries = iter(found)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.entries)

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
    assert found[str(root / "folder")]["error"].startswith(("ENOTDIR", "ELOOP"))


def test_a_link_that_can_not_be_read_has_no_target_and_an_error(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to("x")

    def failing(path, *, dir_fd):
        raise OSError(errno.EINVAL, "?")

    monkeypatch.setattr(walk_file.os, "readlink", failing)
    _, found = walked(tmp_path)
    assert found[str(tmp_path / "link")]["linkname"] is None
    assert found[str(tmp_path / "link")]["error"].startswith("EINVAL")


@pytest.fixture
def mounted(tmp_path):
    """A folder on which another file system lies, and a file on which one of its files does."""
    folder, file = tmp_path / "mounted", tmp_path / "mounted file"
    folder.mkdir()
    file.touch()
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs needs root")
    (folder / "inside").touch()
    subprocess.run(["mount", "--bind", str(folder / "inside"), str(file)], check=True)
    yield folder
    for place in (file, folder):
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.fault
def test_other_file_systems_are_left_out_and_counted(tmp_path, mounted):
    walk, found = walked(tmp_path)
    assert set(found) == {str(tmp_path)}
    assert walk.other_filesystems == 1


@pytest.mark.fault
def test_other_file_systems_are_walked_when_told(tmp_path, mounted):
    walk, found = walked(tmp_path, is_crossing=True)
    assert {os.path.relpath(path, tmp_path) for path in found} == {".", "mounted", "mounted/inside", "mounted file"}
    assert walk.other_filesystems == 0


def test_more_names_than_one_burst_are_all_there(tmp_path):
    for number in range(BURST + 10):
        (tmp_path / f"{number}.txt").write_bytes(b"x" * number)
    _, found = walked(tmp_path)
    sizes = {row["name"]: row["size"] for row in found.values() if row["type"] == "f"}
    assert sizes == {f"{number}.txt": number for number in range(BURST + 10)}


def without_reading_times(found):
    return {path: row | {"atime": None} for path, row in found.items()}


@pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_PATH_CHARACTERS", "MOST_NAME_BYTES"])
def test_a_sheet_is_handed_over_before_it_is_too_full(tmp_path, monkeypatch, limit):
    for name in "abcdef":
        (tmp_path / name / "below").mkdir(parents=True)
        (tmp_path / name / "below" / "file").touch()
    plenty = walked(tmp_path)[1]
    monkeypatch.setattr(sheet_file, limit, 3 if limit == "MOST_ROWS" else 20)
    sheets = []
    really_has_room = Sheet.has_room

    def has_room(sheet, *more):
        fits = really_has_room(sheet, *more)
        sheets.append(sheet.rows) if not fits else None
        return fits

    monkeypatch.setattr(Sheet, "has_room", has_room)
    assert without_reading_times(walked(tmp_path)[1]) == without_reading_times(plenty)
    assert len(sheets) >= 1
    assert 0 not in sheets


@pytest.mark.parametrize("most", [20.0, 200.0])
def test_a_limited_walk_is_not_faster_than_it_may_be(tmp_path, monkeypatch, most):
    slept = []
    monkeypatch.setattr(walk_file.time, "monotonic", lambda: sum(slept))
    monkeypatch.setattr(walk_file.time, "sleep", slept.append)
    for number in range(100):
        (tmp_path / str(number)).touch()
    walked(tmp_path, most_per_second=most)
    assert (101 - most / 10) / most <= sum(slept) + 1 / most
    assert max(slept) <= 0.1 + 1e-9


def test_what_python_tells_of_a_file_is_laid_out_as_the_kernel_does(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"x" * 5000)
    os.utime(file, ns=(-(10**9) - 1, 1_500_000_000_123_456_789))
    there = os.open(tmp_path, os.O_RDONLY)
    try:
        reached = os.open("file", os.O_RDONLY, dir_fd=there)
        told = bytearray(walk_file._status_of(reached))
        os.close(reached)
    finally:
        os.close(there)
    ours = bytearray(packed(file.stat()))
    for place in (slice(0, 16), slice(30, 32), slice(56, 64), slice(80, 96), slice(128, 136)):
        told[place] = ours[place] = bytes(place.stop - place.start)
    assert ours == told


def test_a_file_is_opened_itself_and_no_link_to_it(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("file")
    root = os.open(tmp_path, os.O_RDONLY)
    try:
        os.close(file_at("file", root))
        with pytest.raises(OSError, match="symbolic links"):
            file_at("link", root)
    finally:
        os.close(root)
