"""A repository made here with everything git can hold, and this project's own, against what git itself says."""

import os
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analytics_pipelines.storage_snapshots.intake.ingest import received_entries, received_snapshots
from analytics_pipelines.storage_snapshots.producers.git_history import NotARepository, commits, import_git
from analytics_pipelines.storage_snapshots.tables import ENTRIES, SNAPSHOTS

OURS = Path(__file__).parents[3]
WHO = {f"GIT_{role}_{what}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(repository, *arguments, at=None):
    clock = {"GIT_COMMITTER_DATE": at, "GIT_AUTHOR_DATE": at} if at else {}
    environment = os.environ | WHO | clock | {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


def commit(repository, at):
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x", at=at)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "a").mkdir()
    (folder / "a" / "one.txt").write_bytes(b"1" * 100)
    (folder / "run.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    commit(folder, "2026-03-01T08:00:00+0000")
    (folder / "link").symlink_to("a/one.txt")
    for name in (b"two words", b"new\nline", b"tab\there", b"caf\xe9", "größe".encode(), b'quote"'):
        (folder / os.fsdecode(name)).write_bytes(name)
    commit(folder, "2026-03-01T23:59:59+0000")
    (folder / "b").mkdir()
    (folder / "a" / "one.txt").rename(folder / "b" / "moved.txt")
    git(folder, "update-index", "--add", "--cacheinfo", "160000," + "1" * 40 + ",module")
    git(folder, "add", "-A", ":!module")
    git(folder, "update-index", "--add", "--cacheinfo", "160000," + "1" * 40 + ",module")
    git(folder, "commit", "-q", "-m", "x", at="2026-03-05T00:30:00+0200")
    return folder


def rows(made):
    return {row["path"]: row for row in pq.read_table(made.file).to_pylist()}


def test_each_day_holds_the_tree_of_its_last_commit(repository, tmp_path):
    first, second = import_git(repository, "code", tmp_path / "snapshots")
    assert [first.day, second.day] == [date(2026, 3, 1), date(2026, 3, 4)]
    assert first.taken_at == datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    before, after = rows(first), rows(second)
    assert (before["/a/one.txt"]["size"], before["/run.sh"]["mode"], before["/link"]["type"]) == (100, 0o755, "l")
    assert {"/two words", "/new\nline", "/tab\there", "/caf\ufffdE9", "/größe", '/quote"', "/", "/a"} <= before.keys()
    assert before["/caf\ufffdE9"]["path_raw"] == b"/caf\xe9"
    assert (after["/module"]["type"], after["/module"]["size"]) == ("d", None)
    assert "/a" not in after
    assert after["/b/moved.txt"]["content_hash"] == before["/a/one.txt"]["content_hash"]
    assert before["/run.sh"]["content_hash"] == git(repository, "rev-parse", "HEAD:run.sh").decode().strip()


def test_each_commit_may_be_a_day_of_its_own(repository, tmp_path):
    made = import_git(repository, "code", tmp_path / "snapshots", first_day=date(2020, 1, 30))
    assert [each.day.isoformat() for each in made] == ["2020-01-30", "2020-01-31", "2020-02-01"]
    assert [each.files for each in made] == [2, 8, 8]


def test_a_history_comes_into_the_lake(repository, tmp_path, lake):
    _, made = import_git(repository, "code", tmp_path / "snapshots")
    lake.replace(ENTRIES, made.day, received_entries(tmp_path / "snapshots", made.day, duck=lake.duck))
    entries = lake.scan(ENTRIES, [made.day])
    lake.replace(SNAPSHOTS, made.day, received_snapshots(tmp_path / "snapshots", entries, made.day, duck=lake.duck))
    (told,) = lake.lazy(SNAPSHOTS, [made.day]).collect().to_dicts()
    assert (told["entry_count"], told["implied_dir_count"], told["mode"]) == (made.entries, 0, "hashed")
    assert {"inode", "modified_at", "owner_name"} <= set(told["absent_columns"].split(","))
    assert {"size_bytes", "content_hash", "mode"}.isdisjoint(told["absent_columns"].split(","))


@pytest.mark.parametrize("ref", ["nothing", "--all", ""])
def test_a_commit_that_is_none_is_told(repository, tmp_path, ref):
    with pytest.raises(NotARepository, match="git can not read the history"):
        import_git(repository, "code", tmp_path / "snapshots", ref=ref)
    assert not (tmp_path / "snapshots").exists()


def test_a_folder_that_is_no_repository_is_told(tmp_path):
    with pytest.raises(NotARepository):
        import_git(tmp_path, "code", tmp_path / "snapshots")


def test_progress_is_told_a_snapshot_at_a_time(repository, tmp_path):
    told = []
    import_git(repository, "code", tmp_path / "snapshots", progress=told.append)
    assert told == [1, 2]


@pytest.mark.skipif(not (OURS / ".git").exists(), reason="no repository of ours here")
def test_the_history_of_this_project_is_what_git_says(tmp_path):
    found = commits(OURS)[-3:]
    made = {each.day: each for each in import_git(OURS, "ours", tmp_path)}
    for each in found:
        told = git(OURS, "ls-tree", "-r", "-l", "-z", "--full-tree", each.id).split(b"\0")[:-1]
        sizes = {line.partition(b"\t")[2].decode(): int(line.split()[3]) for line in told}
        snapshot = rows(made[each.day])
        assert {path[1:]: row["size"] for path, row in snapshot.items() if row["type"] != "d"} == sizes
        assert made[each.day].size_bytes == sum(sizes.values())
