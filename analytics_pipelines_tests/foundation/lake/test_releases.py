"""Folders of releases: what turns, what stays, what is swept, and folders of an older version."""

import os
from pathlib import Path

import pytest

from analytics_pipelines.foundation.files import sha256_of, write_synced
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.lake import releases as module
from analytics_pipelines.foundation.lake.manifest import Manifest
from analytics_pipelines.foundation.lake.partition import Partition
from analytics_pipelines.foundation.lake.releases import Releases
from analytics_pipelines_tests.foundation.lake.example import DAY

PLACE = ("raw_test__users", "date=" + DAY.isoformat())


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases.of(Home(tmp_path))


def partition(folder: Path, content: bytes) -> Partition:
    folder.mkdir(parents=True)
    made = Partition(folder)
    made.file.write_bytes(content)
    manifest = Manifest(
        table=PLACE[0],
        day=DAY,
        rows=1,
        size_bytes=len(content),
        sha256=sha256_of(made.file),
        schema=(),
        table_version="1",
        engine="test",
    )
    write_synced(made.manifest_file, manifest.to_json(), mode=0o444)
    return made


def publish(releases: Releases, tmp_path: Path, content: bytes) -> None:
    workspace = releases.staging / os.urandom(4).hex()
    made = partition(workspace / "sealed", content)
    releases.publish({PLACE: made}, workspace)


def read(releases: Releases) -> bytes:
    return releases.lake.joinpath(*PLACE, "data.parquet").read_bytes()


def test_there_is_no_release_before_the_first(releases, tmp_path):
    assert releases.current is None
    assert releases.partitions() == {}
    assert not releases.holds(PLACE[0])
    releases.sweep()
    assert list(tmp_path.iterdir()) == []


def test_the_release_before_stays_and_those_before_it_are_swept(releases, tmp_path):
    found = []
    for content in (b"one", b"two", b"three"):
        publish(releases, tmp_path, content)
        assert read(releases) == content
        found.append(releases.current)
    assert releases.holds(PLACE[0])
    releases.sweep()
    assert [folder.exists() for folder in found] == [False, True, True]


def test_bytes_that_were_there_already_stay_the_same_file(releases, tmp_path):
    publish(releases, tmp_path, b"same")
    (before,) = releases.partitions().values()
    number = before.file.stat().st_ino
    publish(releases, tmp_path, b"same")
    (after,) = releases.partitions().values()
    assert after.file.stat().st_ino == number
    assert after.file != before.file


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_folder_of_an_older_version_becomes_a_link_to_the_same_bytes(releases, tmp_path, monkeypatch, can_exchange):
    if not can_exchange:
        monkeypatch.setattr(module.ctypes, "CDLL", lambda _: object())
    old = partition(releases.lake / PLACE[0] / "date=2020-01-01", b"old")
    number = old.file.stat().st_ino
    publish(releases, tmp_path, b"new")
    assert (releases.lake / PLACE[0]).is_symlink()
    assert old.file.read_bytes() == b"old"
    assert old.file.stat().st_ino == number
    assert read(releases) == b"new"
    assert len(releases.partitions()) == 2


@pytest.mark.parametrize("has_syncfs", [True, False])
def test_many_partitions_are_synced_whether_or_not_at_once(releases, tmp_path, monkeypatch, has_syncfs):
    synced = []
    monkeypatch.setattr(module, "MOST_SYNCED_SINGLY", 0)
    monkeypatch.setattr(module, "sync_folder", synced.append)
    if not has_syncfs:
        monkeypatch.setattr(module.ctypes, "CDLL", lambda _: object())
    publish(releases, tmp_path, b"one")
    assert read(releases) == b"one"
    assert any(folder.name == PLACE[1] for folder in synced) is not has_syncfs


def test_the_links_are_relative_so_that_a_home_can_move(releases, tmp_path):
    publish(releases, tmp_path, b"one")
    assert (releases.lake / PLACE[0]).readlink() == Path("../exports/current") / PLACE[0]
    assert not (releases.root / "current").readlink().is_absolute()
