import hashlib
import os

import pyarrow.parquet as pq
import pytest

from analytics_pipelines.storage_snapshots.scanner import hashing
from analytics_pipelines.storage_snapshots.scanner.hashing import DIGEST_BYTES, PREFIX_BYTES
from analytics_pipelines.storage_snapshots.scanner.scan import Options, scan
from analytics_pipelines_tests.storage_snapshots.trees import DAY

HASHED = Options(is_hashing=True, workers=2)
LONG = b"x" * (PREFIX_BYTES + 10)


def digest(content):
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).hexdigest()


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tree" / "odd \udce9").mkdir(parents=True)
    return tmp_path / "tree"


def hashes_of(tree, **more):
    report = scan(tree, "s", DAY, tree.parent / "snapshots", options=HASHED, **more)
    rows = {row["name"]: row for row in pq.read_table(report.file).to_pylist()}
    return report, rows, {name: (row["prefix_hash"], row["content_hash"]) for name, row in rows.items()}


def test_files_of_one_size_and_beginning_have_both_hashes(tree):
    (tree / "one").write_bytes(b"same")
    (tree / "odd \udce9" / "two").write_bytes(b"same")
    (tree / "other").write_bytes(b"diff")
    (tree / "alone").write_bytes(b"the only one of its size")
    report, _, found = hashes_of(tree)
    assert found["one"] == found["two"] == (digest(b"same"), digest(b"same"))
    assert found["other"] == (digest(b"diff"), None)
    assert found["alone"] == (None, None)
    assert (report.mode, report.hashed_files, report.hashed_bytes) == ("hashed", 3, 12)


def test_long_files_are_read_whole_when_their_beginnings_agree(tree):
    (tree / "one").write_bytes(LONG + b"1")
    (tree / "same").write_bytes(LONG + b"1")
    (tree / "end").write_bytes(LONG + b"2")
    (tree / "begin").write_bytes(b"y" + LONG)
    _, _, found = hashes_of(tree)
    begin = digest(LONG[:PREFIX_BYTES])
    assert found["one"] == found["same"] == (begin, digest(LONG + b"1"))
    assert found["end"] == (begin, digest(LONG + b"2"))
    assert found["begin"] == (digest((b"y" + LONG)[:PREFIX_BYTES]), None)


def test_names_of_one_file_are_no_duplicates_but_share_its_hashes(tree):
    (tree / "one").write_bytes(b"once")
    os.link(tree / "one", tree / "again")
    (tree / "empty").touch()
    (tree / "void").touch()
    assert set(hashes_of(tree)[2].values()) == {(None, None)}
    (tree / "copy").write_bytes(b"once")
    report, _, found = hashes_of(tree)
    assert found["one"] == found["again"] == found["copy"] == (digest(b"once"), digest(b"once"))
    assert report.hashed_files == 2


def test_a_file_that_can_not_be_read_keeps_its_error(tree, monkeypatch):
    for name in ("one", "two", "closed"):
        (tree / name).write_bytes(b"same")
    really_open = hashing.file_at

    def refusing(relative, root):
        if relative == "closed":
            raise PermissionError(13, "Permission denied")
        return really_open(relative, root)

    monkeypatch.setattr(hashing, "file_at", refusing)
    report, rows, found = hashes_of(tree)
    assert (rows["closed"]["error"], found["closed"]) == ("EACCES: Permission denied", (None, None))
    assert (rows["one"]["error"], found["one"]) == (None, found["two"])
    assert report.errors == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda file: file.write_bytes(b"SAME"), id="written"),
        pytest.param(lambda file: file.unlink(), id="gone"),
        pytest.param(lambda file: os.utime(file, (1, 1)), id="another time"),
        pytest.param(lambda file: (file.unlink(), os.mkfifo(file)), id="a pipe by now"),
        pytest.param(lambda file: (file.unlink(), file.symlink_to("one")), id="a link by now"),
    ],
)
def test_a_file_that_changed_meanwhile_has_no_hash(tree, monkeypatch, change):
    for name in ("one", "two", "third"):
        (tree / name).write_bytes(b"same")
        os.utime(tree / name, (5, 5))
    really_hash = hashing.add_hashes

    def late(*given):
        change(tree / "third")
        return really_hash(*given)

    monkeypatch.setattr(hashing, "add_hashes", late)
    _, _, found = hashes_of(tree)
    assert found["third"] == (None, None)
    assert found["one"] == found["two"] == (digest(b"same"), digest(b"same"))


def test_a_file_that_changes_while_it_is_read_has_no_hash(tree, monkeypatch):
    (tree / "one").write_bytes(LONG)
    (tree / "two").write_bytes(LONG)
    really_read = os.read

    def reading(descriptor, size):
        if os.path.samestat(os.fstat(descriptor), (tree / "two").stat()):
            os.utime(tree / "two", (7, 7))
        return really_read(descriptor, size)

    monkeypatch.setattr(hashing.os, "read", reading)
    assert hashes_of(tree)[2]["two"] == (None, None)


@pytest.mark.parametrize("at_once", [1, 3, 1000])
def test_a_share_of_the_sizes_at_a_time_gives_the_same(tree, monkeypatch, at_once):
    contents = [bytes([number % 7]) * (number % 5 + 1) for number in range(60)]
    for number, content in enumerate(contents):
        (tree / str(number)).write_bytes(content)
    monkeypatch.setattr(hashing, "FILES_AT_ONCE", at_once)
    monkeypatch.setattr(hashing, "JOBS_AT_ONCE", at_once)
    _, _, found = hashes_of(tree)
    assert {name: found[name] for name in map(str, range(60))} == {
        str(number): (digest(content), digest(content) if contents.count(content) > 1 else None)
        for number, content in enumerate(contents)
    }
