import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.scanner.arrays import texts
from analytics_pipelines.storage_snapshots.scanner.rows import (
    BLOCK_BYTES,
    SCHEMA,
    STATUS,
    TEXT,
    Tabulator,
    devices,
    extensions,
    names,
    times,
)
from analytics_pipelines.storage_snapshots.scanner.sheet import Sheet
from analytics_pipelines.storage_snapshots.scanner.walk import UNREAD
from analytics_pipelines.storage_snapshots.spelling import extension, readable
from analytics_pipelines_tests.storage_snapshots.sheets import walked
from analytics_pipelines_tests.storage_snapshots.trees import DAY, hostile_tree

BASIC = 0x7FF
file_names = st.binary(min_size=1).filter(lambda name: b"\0" not in name and b"/" not in name)


def status(**given):
    """A status as a walk leaves it."""
    found = np.zeros(1, STATUS)
    for field, value in ({"mask": BASIC, "mode": 0o100644, "nlink": 1} | given).items():
        found[field] = value
    return found.tobytes()


def tabulated(given, name=b"a", error=None, device=None):
    sheet = Sheet.of_own()
    sheet.add("", 1, given, name + b"/", 1)
    if error:
        sheet.errors.append((0, error))
    return Tabulator("s", DAY, "/", device).batch(sheet).to_pylist()


def test_a_row_holds_what_stat_says(tmp_path):
    file = tmp_path / "Some.File.TXT"
    file.write_bytes(b"x" * 700)
    file.chmod(0o4750)
    os.utime(file, ns=(1_000_000_000, 1_500_000_000_123_456_789))
    row = walked(tmp_path)[1][str(file)]
    found = file.stat()
    assert set(row) == set(SCHEMA.names)
    assert (row["share"], row["snapshot_date"], row["type"], row["extension"]) == ("s", DAY, "f", "txt")
    assert (row["size"], row["blocks"], row["size_du"]) == (700, found.st_blocks, found.st_blocks * BLOCK_BYTES)
    assert row["mode"] == 0o4750
    assert row["mtime"].isoformat() == "2017-07-14T02:40:00.123456+00:00"
    assert row["ctime"].timestamp() == pytest.approx(found.st_ctime, abs=1e-5)
    assert (row["dev"], row["ino"], row["nlink"]) == (found.st_dev, found.st_ino, 1)
    assert (row["uid"], row["owner"]) == (os.geteuid(), file.owner())
    absent = ("linkname", "error", "path_raw", "prefix_hash", "content_hash")
    assert {row[column] for column in absent} == {None}


def test_the_time_of_birth_is_told_where_the_file_system_knows_it():
    (row,) = tabulated(status(mask=BASIC | 0x800, btime_s=5, btime_ns=7_999))
    assert row["btime"].isoformat() == "1970-01-01T00:00:05.000007+00:00"
    (row,) = tabulated(status(btime_s=5))
    assert row["btime"] is None


def test_a_name_that_could_not_be_read_is_a_row_of_type_unknown():
    (row,) = tabulated(UNREAD, error="EIO: Input/output error", device=7)
    assert (row["path"], row["type"], row["error"]) == ("/a", "U", "EIO: Input/output error")
    assert {row[column] for column in ("size", "size_du", "mode", "uid", "owner", "mtime", "ino", "dev")} == {None}


def test_numbers_without_a_name_have_none():
    (row,) = tabulated(status(uid=4_294_967_290, gid=4_294_967_290))
    assert (row["uid"], row["owner"], row["gid"], row["group"]) == (4_294_967_290, None, 4_294_967_290, None)


def test_the_largest_inode_and_size_fit():
    (row,) = tabulated(status(ino=2**64 - 1, size=2**63 - 1))
    assert (row["ino"], row["size"]) == (2**64 - 1, 2**63 - 1)


def test_files_of_another_device_are_left_out():
    assert tabulated(status(dev_major=8, dev_minor=1), device=os.makedev(8, 2)) == []
    assert len(tabulated(status(dev_major=8, dev_minor=1), device=os.makedev(8, 1))) == 1


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_devices_are_numbered_as_python_numbers_them(major, minor):
    assert devices(np.array([major]), np.array([minor])).tolist() == [os.makedev(major, minor) % 2**64]


@pytest.mark.parametrize(
    ("nanoseconds", "microseconds"),
    [
        pytest.param(1_999, 1, id="rounded down"),
        pytest.param(-1, -1, id="before 1970 as well"),
        pytest.param(253_402_300_800 * 10**9, None, id="year 10000 is null"),
        pytest.param(253_402_300_800 * 10**9 - 1, 253_402_300_800 * 10**6 - 1, id="the last of year 9999 is not"),
        pytest.param(-(2**63) * 10**9, None, id="the earliest that a file system knows is null"),
        pytest.param(None, None, id="unknown stays unknown"),
    ],
)
def test_times_are_microseconds_within_the_calendar(nanoseconds, microseconds):
    seconds, rest = divmod(nanoseconds or 0, 10**9)
    found = times(np.array([seconds]), np.array([rest]), np.array([nanoseconds is not None]))
    assert found.cast("int64").to_pylist() == [microseconds]


def test_types_are_spelt_as_find_spells_them(tmp_path):
    _, found = walked(hostile_tree(tmp_path))
    kinds = {row["name"]: row["type"] for row in found.values()}
    assert {kinds[name] for name in ("loop", "pipe", "socket", "empty", "two words")} == {"l", "p", "s", "f"}
    assert kinds[tmp_path.name] == "d"
    assert [tabulated(status(mode=mode))[0]["type"] for mode in (0o060000, 0o020000, 0)] == ["b", "c", "U"]
    assert [row["extension"] for row in found.values() if row["type"] == "d"] == [None] * (1 + 2 * 15)


@given(st.lists(file_names))
def test_names_are_spelt_so_that_every_reader_takes_them(given):
    found = names(b"".join(name + b"/" for name in given), len(given))
    found.validate(full=True)
    assert found.to_pylist() == [readable(os.fsdecode(name)) for name in given]


@given(st.lists(st.tuples(st.text(st.sampled_from("aB.ß")), st.booleans())))
def test_extensions_of_many_names_are_those_of_each(given):
    found = extensions(texts([name for name, _ in given], TEXT), np.array([folder for _, folder in given], np.bool_))
    found.validate(full=True)
    assert found.to_pylist() == [None if is_folder else extension(name) for name, is_folder in given]


@given(file_names, file_names)
def test_paths_that_are_not_text_have_their_bytes(folder, name):
    sheet = Sheet.of_own()
    sheet.add(os.fsdecode(folder), 1, status(), name + b"/", 1)
    (row,) = Tabulator("s", DAY, "/top", None).batch(sheet).to_pylist()
    assert (row["path_raw"] or row["path"].encode()) == b"/top/" + folder + b"/" + name
    assert (row["parent_path"], row["depth"]) == ("/top/" + readable(os.fsdecode(folder)), 2)
