import os
import random
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from analytics_pipelines.foundation.errors import CheckFailed
from analytics_pipelines.foundation.sql import Sql, joined
from analytics_pipelines.foundation.sql import name as quoted
from analytics_pipelines.storage_snapshots.rollup.directories import directories, directory_bands, directory_types
from analytics_pipelines.storage_snapshots.rollup.distribution import distribution
from analytics_pipelines.storage_snapshots.scanner.scan import scan
from analytics_pipelines.storage_snapshots.spelling import raw
from analytics_pipelines.storage_snapshots.tables import (
    DIRECTORIES,
    DIRECTORY_BANDS,
    DIRECTORY_TYPES,
    DISTRIBUTION,
    ENTRIES,
)
from analytics_pipelines_tests.storage_snapshots import paper
from analytics_pipelines_tests.storage_snapshots.paper import Leaf, folder
from analytics_pipelines_tests.storage_snapshots.trees import (
    DAY,
    Node,
    hostile_tree,
    link_farm,
    rolled_up,
    written,
)

HEAVY = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
NAMES = {table: table.column_names for table in (DIRECTORIES, DIRECTORY_TYPES, DIRECTORY_BANDS)}
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


def farm(root):
    """Folders in folders; files of up to six names, symbolic links among them, and files with holes."""
    dice = random.Random(4)
    folders = [root]
    for number in range(30):
        folders.append(dice.choice(folders) / f"d{number}")
        folders[-1].mkdir()
    for number in range(60):
        first = dice.choice(folders) / f"f{number}"
        if number % 9 == 0:
            first.symlink_to("somewhere" * dice.randint(1, 20))
        else:
            first.write_bytes(b"x" * dice.randint(0, 30000))
        if number % 7 == 1 and not first.is_symlink():
            os.truncate(first, dice.randint(0, 1 << 33))
        for name in range(dice.randint(0, 5)):
            os.link(first, dice.choice(folders) / f"f{number}-{name}", follow_symlinks=False)
    return root


@pytest.mark.parametrize("make", [stdlib, link_farm, hostile_tree, farm])
def test_every_folder_of_a_real_tree_equals_du_to_the_byte(lake, tmp_path, make):
    (tmp_path / "tree").mkdir()
    make(tmp_path / "tree")
    scan(tmp_path / "tree", "real", DAY, tmp_path / "snapshots")
    found = rolled_up(lake, tmp_path / "snapshots")
    assert len(found) > 5
    apparent = du_apparent_column()
    for path, row in found.items():
        there = raw(path)
        assert row["allocated_bytes"] == du(there, "--block-size=1"), path
        assert row[apparent] == du(there, "--block-size=1", "--apparent-size"), path
        # du -S leaves out a file of the folder that it met under another name further down.
        if row["extra_link_count"] == 0:
            assert row["own_allocated_bytes"] == du(there, "-S", "--block-size=1"), path
        assert row["file_count"] + row["dir_count"] + 1 == du(there, "--inodes"), path


def listed(path, *options):
    """What one run of du says of every folder on its way: a file counts where it was met first in the whole run."""
    command = ["du", "-x0", "--block-size=1", *options, os.fsencode(path)]
    lines = subprocess.run(command, capture_output=True, check=True).stdout.split(b"\0")[:-1]
    return {there: int(size) for size, _, there in (line.partition(b"\t") for line in lines)}


def test_one_run_of_du_agrees_where_no_file_has_a_name_elsewhere(lake, tmp_path):
    (tmp_path / "tree").mkdir()
    scan(farm(tmp_path / "tree"), "real", DAY, tmp_path / "snapshots")
    found = {raw(path): row for path, row in rolled_up(lake, tmp_path / "snapshots").items()}
    run, names = listed(tmp_path / "tree"), listed(tmp_path / "tree", "--inodes", "--count-links")
    assert run.keys() == names.keys() == found.keys()
    root = os.fsencode(tmp_path / "tree")
    assert run[root] == found[root]["allocated_bytes"]
    for path, row in found.items():
        assert run[path] <= row["allocated_bytes"]
        assert names[path] == row["last_pre"] - row["pre"] + 1
    assert any(run[path] < row["allocated_bytes"] for path, row in found.items())


@pytest.mark.long
def test_all_folders_of_the_machines_programs_equal_du(lake, tmp_path):
    scan(Path("/usr"), "usr", DAY, tmp_path / "snapshots")
    found = {raw(path): row for path, row in rolled_up(lake, tmp_path / "snapshots").items()}
    entries = lake.lazy(ENTRIES, [DAY]).filter(type="f").collect()
    several = entries.filter(entries["link_count"] > 1)["pre"].to_numpy()
    run, apparent = listed("/usr"), listed("/usr", "--apparent-size")
    assert run.keys() == found.keys()
    column, alone = du_apparent_column(), 0
    for path, row in found.items():
        if several.searchsorted(row["pre"]) == several.searchsorted(row["last_pre"], "right"):
            assert (run[path], apparent[path]) == (row["allocated_bytes"], row[column]), path
        else:
            alone += 1
            assert du(path, "--block-size=1") == row["allocated_bytes"], path
            assert du(path, "--block-size=1", "--apparent-size") == row[column], path
    assert len(found) > 1000
    assert alone


# A root that closed folders keep out, as they do everybody else: it owns the files still.
HUMBLE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
SCAN = """
import sys
from datetime import date
from pathlib import Path
from analytics_pipelines.storage_snapshots.scanner.scan import scan
scan(Path(sys.argv[1]), "real", date.fromisoformat(sys.argv[2]), Path(sys.argv[3]))
"""


def test_unreadable_folders_count_as_du_counts_them(lake, tmp_path):
    closed = tmp_path / "tree" / "open" / "closed"
    (closed / "deep").mkdir(parents=True)
    (closed / "file").write_bytes(b"x" * 9000)
    (closed.parent / "file").write_bytes(b"x" * 5000)
    closed.chmod(0)
    told = [tmp_path / "tree", DAY.isoformat(), tmp_path / "snapshots"]
    subprocess.run([*HUMBLE, sys.executable, "-c", SCAN, *told], check=True)
    found = rolled_up(lake, tmp_path / "snapshots")
    assert [row["error_count"] for row in found.values()] == [1, 1, 1]
    for path, row in found.items():
        said = subprocess.run([*HUMBLE, "du", "-xs", "--block-size=1", path], capture_output=True, check=False)
        assert (said.returncode, int(said.stdout.split()[0])) == (1, row["allocated_bytes"]), path
    closed.chmod(0o700)


def test_a_position_and_the_last_below_it_span_what_find_lists(lake, tmp_path):
    (tmp_path / "tree").mkdir()
    scan(link_farm(tmp_path / "tree"), "real", DAY, tmp_path / "snapshots")
    for path, row in rolled_up(lake, tmp_path / "snapshots").items():
        names = subprocess.run(["find", path], capture_output=True, check=True).stdout.splitlines()
        assert row["last_pre"] - row["pre"] + 1 == len(names)
        assert row["file_count"] + row["extra_link_count"] + row["dir_count"] + 1 == len(names)


def everything(duck, roots, times):
    """Every rollup of these shares, and what each has to be."""
    entries = paper.entries_of(roots)
    rows = entries.to_pylist()
    with paper.scanned(entries) as scan:
        taken = paper.taken(times)
        yield paper.answered(duck, DIRECTORIES, directories(scan)), paper.directories_by_hand(rows)
        yield paper.answered(duck, DIRECTORY_TYPES, directory_types(scan)), paper.types_by_hand(rows)
        yield paper.answered(duck, DIRECTORY_BANDS, directory_bands(scan, taken)), paper.bands_by_hand(rows, times)
        yield paper.answered(duck, DISTRIBUTION, distribution(scan, taken)), paper.distribution_by_hand(rows, times)


@settings(max_examples=20, deadline=None, suppress_health_check=HEAVY)
@given(paper.forests())
def test_any_forest_adds_up_as_by_plain_counting(lake, roots):
    for found, expected in everything(lake.duck, roots, dict.fromkeys(list(roots)[:2], paper.TAKEN)):
        assert found == expected


@pytest.mark.long
@settings(max_examples=600, deadline=None, suppress_health_check=HEAVY)
@given(paper.forests())
def test_many_more_forests_add_up_as_by_plain_counting(lake, roots):
    for found, expected in everything(lake.duck, roots, dict.fromkeys(list(roots)[:2], paper.TAKEN)):
        assert found == expected


def test_a_long_chain_of_folders_adds_up(lake):
    chain = Leaf("f", size_bytes=1, inode=7, link_count=2)
    for number in range(300):
        chain = folder("d", chain, size_bytes=1, allocated_bytes=number)
    root = folder("r", Leaf("e", size_bytes=5, inode=7, link_count=2), chain)
    entries = paper.entries_of({"s": root})
    with paper.scanned(entries) as scan:
        found = paper.answered(lake.duck, DIRECTORIES, directories(scan))
    assert [row["size_bytes"] for row in found] == [305, *range(301, 1, -1)]
    assert [row["extra_link_count"] for row in found] == [1] + [0] * 300


def spoilt(table, column, change):
    """The entries of a small tree, one number of them changed."""
    values = table[column].to_pylist()
    number, value = change
    values[number] = value
    return table.set_column(table.schema.get_field_index(column), table.schema.field(column), [values])


SMALL = folder("r", Leaf("a", size_bytes=1), folder("b", Leaf("c", size_bytes=2), folder("d")), Leaf("e"))


@pytest.mark.parametrize(
    ("column", "change", "complaint"),
    [
        pytest.param("last_pre", (2, 3), "folders differ", id="a range too short"),
        pytest.param("last_pre", (2, 5), "folders differ", id="a range too long"),
        pytest.param("last_pre", (0, 6), "end within their share", id="a range past the end"),
        pytest.param("parent_pre", (1, 2), "lie in folders", id="below a file of later"),
        pytest.param("parent_pre", (5, 3), "lie in folders", id="below a file"),
        pytest.param("parent_pre", (5, 2), "folders differ", id="in another folder"),
        pytest.param("parent_pre", (2, None), "one root", id="two roots"),
        pytest.param("parent_pre", (1, None), "lie in folders", id="a file in no folder"),
        pytest.param("pre", (4, 3), "pre-order", id="a position twice"),
        pytest.param("pre", (5, 9), "positions", id="a gap"),
    ],
)
def test_a_tree_that_contradicts_itself_is_not_published(lake, column, change, complaint):
    with (
        paper.scanned(spoilt(paper.entries_of({"s": SMALL}), column, change)) as scan,
        pytest.raises(CheckFailed, match=complaint),
    ):
        lake.replace(DIRECTORIES, DAY, directories(scan))


@pytest.mark.parametrize(
    ("table", "verb", "column"),
    [
        (DIRECTORIES, directories, "allocated_bytes"),
        (DIRECTORIES, directories, "own_size_bytes"),
        (DIRECTORIES, directories, "dir_count"),
        (DIRECTORY_TYPES, directory_types, "size_bytes"),
        (DIRECTORY_BANDS, lambda scan: directory_bands(scan, paper.taken({})), "size_bin_0_file_count"),
    ],
)
def test_sums_that_were_tampered_with_are_not_published(lake, table, verb, column):
    with paper.scanned(paper.entries_of({"s": SMALL})) as scan:
        select = verb(scan)
        wrong = {
            name: Sql("1 + {name}" if name == column else "{name}").fill(name=quoted(name)) for name in NAMES[table]
        }
        text = Sql("{value} AS {name}")
        columns = joined(text.fill(value=value, name=quoted(name)) for name, value in wrong.items())
        sql = Sql("SELECT {columns} FROM ({query})").fill(columns=columns, query=select.sql)
        with pytest.raises(CheckFailed, match="rows_match_source"):
            lake.replace(table, DAY, replace(select, sql=sql))


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


@pytest.mark.parametrize("table", [DIRECTORIES, DIRECTORY_TYPES, DIRECTORY_BANDS, DISTRIBUTION])
def test_every_rollup_of_the_same_entries_is_the_same_file(lake, table):
    roots = {"a": SMALL, "b": folder("r", *[Leaf(f"f{number}", extension="x") for number in range(300)])}
    made = {
        DIRECTORIES: directories,
        DIRECTORY_TYPES: directory_types,
        DIRECTORY_BANDS: lambda scan: directory_bands(scan, paper.taken({"a": paper.TAKEN})),
        DISTRIBUTION: lambda scan: distribution(scan, paper.taken({"a": paper.TAKEN})),
    }[table]
    with paper.scanned(paper.entries_of(roots)) as scan:
        assert len({lake.replace(table, DAY + timedelta(days=day), made(scan)).sha256 for day in range(3)}) == 1


@pytest.mark.parametrize("verb", [directories, directory_types, lambda scan: directory_bands(scan, scan)])
def test_entries_without_a_row_give_no_row(lake, verb):
    with paper.scanned(paper.entries_of({})) as scan, lake.duck.cursor() as cursor:
        select = verb(scan)
        for name, source in select.reads.items():
            (paper.taken({}) if name == "snapshots" else source).mount(cursor, name)
        assert cursor.execute(select.sql.text).fetchall() == []


def test_a_day_without_entries_has_no_rollups(lake):
    nothing = lake.scan(ENTRIES, [DAY])
    assert [directories(nothing), directory_types(nothing), directory_bands(nothing, nothing)] == [None, None, None]
