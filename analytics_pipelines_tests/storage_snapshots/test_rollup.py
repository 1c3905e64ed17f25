import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.rollup import directories
from analytics_pipelines.storage_snapshots.scan import scan
from analytics_pipelines.storage_snapshots.spelling import raw
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, ENTRIES
from analytics_pipelines_tests.storage_snapshots.trees import (
    DAY,
    Node,
    hostile_tree,
    link_farm,
    rolled_up,
    summed,
    written,
)

NAMES = st.sampled_from(["a", "a-", "a.b", "A", "á", "\ufffdFF", "\x01", "a b", "z'"])
LARGEST = 2**63 - 1


def du(path, *options):
    """What GNU du says of that folder alone, in bytes."""
    said = subprocess.run(["du", "-xs", *options, os.fsencode(path)], capture_output=True, check=True).stdout
    return int(said.split(b"\t")[0])


def du_apparent_column():
    """Which of our columns `du --apparent-size` is: since coreutils 9.2 it leaves folders and devices out."""
    version = subprocess.run(["du", "--version"], capture_output=True, check=True, text=True).stdout.split()[3]
    return "size_bytes" if tuple(map(int, version.split("."))) < (9, 2) else "file_size_bytes"


def stdlib(folder):
    """A real tree: part of Python's own library."""
    library = Path(sysconfig.get_path("stdlib"))
    for name in ("email", "json", "importlib", "multiprocessing", "concurrent", "xml", "unittest"):
        shutil.copytree(library / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize("make", [stdlib, link_farm, hostile_tree])
def test_every_folder_of_a_real_tree_equals_du_to_the_byte(lake, tmp_path, make):
    (tmp_path / "tree").mkdir()
    make(tmp_path / "tree")
    scan(tmp_path / "tree", "real", DAY, tmp_path / "snapshots")
    found = rolled_up(lake, tmp_path / "snapshots")
    assert len(found) > 5
    apparent = du_apparent_column()
    for path, folder in found.items():
        there = raw(path)
        assert folder["allocated_bytes"] == du(there, "--block-size=1"), path
        assert folder[apparent] == du(there, "--block-size=1", "--apparent-size"), path
        # du -S leaves out a file of the folder that it met under another name further down.
        if folder["extra_link_count"] == 0:
            assert folder["own_allocated_bytes"] == du(there, "-S", "--block-size=1"), path
        assert folder["file_count"] + folder["dir_count"] + 1 == du(there, "--inodes"), path


def test_a_position_and_the_last_below_it_span_what_find_lists(lake, tmp_path):
    (tmp_path / "tree").mkdir()
    scan(link_farm(tmp_path / "tree"), "real", DAY, tmp_path / "snapshots")
    for path, folder in rolled_up(lake, tmp_path / "snapshots").items():
        listed = subprocess.run(["find", path], capture_output=True, check=True).stdout.splitlines()
        assert folder["last_pre"] - folder["pre"] + 1 == len(listed)
        assert folder["file_count"] + folder["extra_link_count"] + folder["dir_count"] + 1 == len(listed)


@st.composite
def paper_trees(draw):
    """A root with folders and files below it, some of them names of one inode, some with names elsewhere."""
    folders = [Node("/root", "d", size=4096, blocks=8)]
    taken = {"/root"}
    inodes = draw(
        st.lists(
            st.builds(
                dict,
                size=st.integers(-5, 10**6),
                blocks=st.integers(0, 2000),
                second=st.integers(0, 2**31),
                kind=st.sampled_from("ffflsp"),
                links=st.just(1) | st.just(9),
            ),
            min_size=1,
            max_size=6,
        )
    )
    for number in range(draw(st.integers(0, 24))):
        parent = draw(st.sampled_from(folders))
        path = parent.path + "/" + draw(NAMES)
        if path in taken:
            continue
        taken.add(path)
        error = draw(st.sampled_from([None, None, None, "EIO: Input/output error"]))
        if draw(st.booleans()):
            node = Node(path, "d", inode=100 + number, size=4096, blocks=draw(st.integers(0, 16)), links=3, error=error)
            folders.append(node)
        else:
            chosen = draw(st.integers(0, len(inodes) - 1))
            found = inodes[chosen]
            inode = chosen if found["links"] > 1 else 1000 + number
            node = Node(path, error=error, **(found | {"inode": inode, "size": max(found["size"], 0)}))
        parent.children.append(node)
    return folders


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paper_trees())
def test_any_tree_adds_up_as_by_plain_counting(lake, folders):
    with TemporaryDirectory() as place:
        written(Path(place), "paper", [node.row() for node in reversed(folders[0].names())])
        found = rolled_up(lake, Path(place))
    assert {folder.path for folder in folders} == set(found)
    order = {node.path: position for position, node in enumerate(folders[0].names())}
    for folder in folders:
        row = found[folder.path]
        assert {column: row[column] for column in summed(folder)} == summed(folder)
        assert (row["pre"], row["last_pre"]) == (order[folder.path], order[folder.path] + len(folder.names()) - 1)


def test_shares_with_the_same_paths_and_inodes_do_not_mix(lake, tmp_path):
    for share, size in (("a", 10), ("b", 20)):
        root = Node(
            "/r", "d", children=[Node("/r/x", inode=7, size=size, links=2), Node("/r/y", inode=7, size=size, links=2)]
        )
        written(tmp_path, share, [node.row(share) for node in root.names()])
    rolled_up(lake, tmp_path)
    rows = lake.lazy(DIRECTORIES, [DAY]).collect().to_dicts()
    assert [(row["share"], row["size_bytes"], row["file_count"]) for row in rows] == [("a", 10, 1), ("b", 20, 1)]


def test_of_names_that_differ_because_the_file_grew_the_first_counts(lake, tmp_path):
    names = [Node(f"/r/{name}", inode=7, size=size, links=3) for name, size in (("a", 5), ("b", 6), ("c", 7))]
    written(tmp_path, "s", [node.row() for node in Node("/r", "d", children=names).names()])
    assert rolled_up(lake, tmp_path)["/r"]["size_bytes"] == 5


def test_sums_past_the_largest_number_stay_there(lake, tmp_path):
    names = [Node(f"/r/{number}", inode=number, size=LARGEST) for number in range(3)]
    written(tmp_path, "s", [node.row() for node in Node("/r", "d", children=names).names()])
    assert rolled_up(lake, tmp_path)["/r"]["size_bytes"] == LARGEST


def test_what_is_not_known_counts_as_nothing(lake, tmp_path):
    lost = Node("/r/lost", "U", error="EIO: Input/output error").row() | dict.fromkeys(
        ["size", "size_du", "blocks", "ino"]
    )
    written(tmp_path, "s", [Node("/r", "d", size=1).row(), lost])
    row = rolled_up(lake, tmp_path)["/r"]
    assert (row["size_bytes"], row["file_count"], row["error_count"]) == (1, 1, 1)


def test_the_machines_root_is_a_folder_like_others(lake, tmp_path):
    rows = [Node("/", "d").row() | {"parent_path": None}, Node("/usr", "d").row() | {"parent_path": "/"}]
    rows.append(Node("/usr/f", size=3).row())
    written(tmp_path, "s", rows)
    found = rolled_up(lake, tmp_path)
    assert (found["/"]["size_bytes"], found["/"]["dir_count"], found["/usr"]["own_file_count"]) == (3, 1, 1)


def test_the_same_entries_give_the_same_bytes(lake, tmp_path):
    (tmp_path / "tree").mkdir()
    scan(link_farm(tmp_path / "tree"), "real", DAY, tmp_path / "snapshots")
    rolled_up(lake, tmp_path / "snapshots")
    first = lake.manifest(DIRECTORIES, DAY)
    lake.file(DIRECTORIES, DAY).unlink()
    rolled_up(lake, tmp_path / "snapshots")
    assert lake.manifest(DIRECTORIES, DAY) == first


def test_a_day_without_entries_has_no_folders(lake):
    assert directories(lake.scan(ENTRIES, [DAY])) is None
