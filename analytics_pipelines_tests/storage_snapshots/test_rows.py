import os
from types import SimpleNamespace

import pytest

from analytics_pipelines.storage_snapshots.rows import SCHEMA, Tabulator, letters, times
from analytics_pipelines.storage_snapshots.walk import Entry, Walk
from analytics_pipelines_tests.storage_snapshots.trees import DAY, hostile_tree


def status(**given):
    numbers = dict.fromkeys(("st_size", "st_blocks", "st_uid", "st_gid", "st_dev", "st_ino", "st_nlink"), 1)
    at = dict.fromkeys(("st_atime_ns", "st_mtime_ns", "st_ctime_ns"), 0)
    return SimpleNamespace(**({"st_mode": 0o100644} | numbers | at | given))


def tabulated(*entries):
    return Tabulator("s", DAY).batch(entries).to_pylist()


def test_a_row_holds_what_stat_says(tmp_path):
    file = tmp_path / "Some.File.TXT"
    file.write_bytes(b"x" * 700)
    file.chmod(0o4750)
    os.utime(file, ns=(1_000_000_000, 1_500_000_000_123_456_789))
    (row,) = [row for row in tabulated(*Walk(str(tmp_path))) if row["path"] == str(file)]
    found = file.stat()
    assert set(row) == set(SCHEMA.names)
    assert (row["share"], row["snapshot_date"], row["type"], row["extension"]) == ("s", DAY, "f", "txt")
    assert (row["size"], row["blocks"], row["size_du"]) == (700, found.st_blocks, found.st_blocks * 512)
    assert row["mode"] == 0o4750
    assert row["mtime"].isoformat() == "2017-07-14T02:40:00.123456+00:00"
    assert (row["dev"], row["ino"], row["nlink"]) == (found.st_dev, found.st_ino, 1)
    assert (row["uid"], row["owner"]) == (os.geteuid(), file.owner())
    assert (row["btime"], row["linkname"], row["error"], row["path_raw"]) == (None, None, None, None)


def test_a_name_that_could_not_be_read_is_a_row_of_type_unknown():
    (row,) = tabulated(Entry("/a", None, "a", "/", 1, None, None, "EIO: Input/output error"))
    assert (row["type"], row["error"]) == ("U", "EIO: Input/output error")
    assert {row[column] for column in ("size", "size_du", "mode", "uid", "owner", "mtime", "ino")} == {None}


def test_numbers_without_a_name_have_none():
    (row,) = tabulated(Entry("/a", None, "a", "/", 1, status(st_uid=4_294_967_290, st_gid=4_294_967_290), None, None))
    assert (row["uid"], row["owner"], row["gid"], row["group"]) == (4_294_967_290, None, 4_294_967_290, None)


def test_the_largest_inode_and_size_fit():
    (row,) = tabulated(Entry("/a", None, "a", "/", 1, status(st_ino=2**64 - 1, st_size=2**63 - 1), None, None))
    assert (row["ino"], row["size"]) == (2**64 - 1, 2**63 - 1)


@pytest.mark.parametrize(
    ("nanoseconds", "microseconds"),
    [
        pytest.param(1_999, 1, id="rounded down"),
        pytest.param(-1, -1, id="before 1970 as well"),
        pytest.param(253_402_300_800 * 10**9, None, id="year 10000 is null"),
        pytest.param(-(2**63) * 10**9, None, id="the earliest that a file system knows is null"),
        pytest.param(None, None, id="unknown stays unknown"),
    ],
)
def test_times_are_microseconds_within_the_calendar(nanoseconds, microseconds):
    assert times([nanoseconds]) == [microseconds]


def test_types_are_spelt_as_find_spells_them(tmp_path):
    rows = tabulated(*Walk(str(hostile_tree(tmp_path))))
    kinds = {row["name"]: row["type"] for row in rows}
    assert {kinds[name] for name in ("loop", "pipe", "socket", "empty", "two words")} == {"l", "p", "s", "f"}
    assert kinds[tmp_path.name] == "d"
    assert letters([0o060000, 0o020000, 0]) == ["b", "c", "U"]
    assert [row["extension"] for row in rows if row["type"] == "d"] == [None] * (1 + 2 * 15)
