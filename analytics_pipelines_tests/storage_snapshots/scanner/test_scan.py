import errno
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from itertools import count

import psutil
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.errors import Conflict, DiskFull, SetupError
from analytics_pipelines.foundation.files import locked, sha256_of
from analytics_pipelines.storage_snapshots.layout import BadShareName, NotWritable, SnapshotFile
from analytics_pipelines.storage_snapshots.scanner import scan as scan_file
from analytics_pipelines.storage_snapshots.scanner.crew import ScanInterrupted
from analytics_pipelines.storage_snapshots.scanner.rows import SCHEMA
from analytics_pipelines.storage_snapshots.scanner.scan import (
    BadScanOption,
    NoSuchPath,
    NotAFolder,
    Options,
    UnreadableRoot,
    scan,
    scan_into,
)
from analytics_pipelines_tests.storage_snapshots.scanner.walking import walkers
from analytics_pipelines_tests.storage_snapshots.trees import DAY, ODD_NAMES, hostile_tree, link_farm

SMALL_DISK_BYTES = 1 << 18


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tree").mkdir()
    return hostile_tree(tmp_path / "tree")


@pytest.fixture
def snapshots(tmp_path):
    return tmp_path / "snapshots"


def files_in(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_a_scan_leaves_rows_and_a_manifest_and_nothing_else(tree, snapshots):
    report = scan(tree, "s", DAY, snapshots)
    assert files_in(snapshots) == [".staging/s.lock", "2026-03-01/s.json", "2026-03-01/s.parquet"]
    table = pq.read_table(report.file)
    assert table.schema.equals(SCHEMA)
    assert (
        table.num_rows == report.entries == len(list(os.walk(tree))) + sum(len(each[2]) for each in os.walk(tree)) + 1
    )
    assert pq.ParquetFile(report.file).metadata.row_group(0).column(2).compression == "ZSTD"
    assert stat.S_IMODE(report.file.stat().st_mode) == 0o444


def test_the_report_and_the_manifest_say_what_was_found(tree, snapshots):
    seconds = count()
    report = scan(tree, "s", DAY, snapshots, clock=lambda: datetime(2026, 3, 1, 12, 0, next(seconds), tzinfo=UTC))
    kinds = Counter(pq.read_table(report.file)["type"].to_pylist())
    assert (
        (report.directories, report.files) == (kinds["d"], kinds["f"]) == (1 + 2 * len(ODD_NAMES), 2 + len(ODD_NAMES))
    )
    assert report.others == 4
    assert report.size_bytes == sum(pq.read_table(report.file)["size"].to_pylist())
    assert report.duration_s == 1.0
    manifest = json.loads(SnapshotFile.at(snapshots, "s", DAY).manifest.read_bytes())
    assert manifest["sha256"] == sha256_of(report.file)
    assert manifest["started_at"] == "2026-03-01T12:00:00+00:00"
    expected = {"day": "2026-03-01", "root": str(tree), "mode": "metadata", "errors": 0, "vanished": 0}
    assert manifest | expected == manifest
    assert "file" not in manifest


def test_names_that_are_not_text_survive(tree, snapshots):
    rows = pq.read_table(scan(tree, "s", DAY, snapshots).file).to_pylist()
    raw = {row["path_raw"] for row in rows} - {None}
    assert os.fsencode(tree) + b"/caf\xe9" in raw
    assert {row["path_raw"] for row in rows if row["name"] == "größe.TXT"} == {None}


def test_progress_is_told_the_entries_so_far(tree, snapshots):
    told = []
    report = scan(tree, "s", DAY, snapshots, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == report.entries


def test_the_space_of_the_file_system_is_in_the_manifest(tree, snapshots):
    report = scan(tree, "s", DAY, snapshots)
    space = os.statvfs(tree)
    assert report.capacity_bytes == space.f_blocks * space.f_frsize
    assert 0 <= report.available_bytes <= report.capacity_bytes


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(Options(workers=0), id="nobody to walk"),
        pytest.param(Options(workers=1000), id="a thousand processes"),
        pytest.param(Options(most_entries_per_second=0), id="no haste at all"),
        pytest.param(Options(most_entries_per_second=float("nan")), id="a pace that is no number"),
    ],
)
def test_options_with_which_no_scan_can_run_are_refused(tree, snapshots, options):
    with pytest.raises(BadScanOption):
        scan(tree, "s", DAY, snapshots, options=options)
    assert not snapshots.exists()


@pytest.mark.parametrize("workers", [1, 3])
def test_sums_are_those_of_du(tree, snapshots, workers):
    link_farm(tree)
    rows = pq.read_table(scan(tree, "s", DAY, snapshots, options=Options(workers=workers)).file).to_pylist()
    once = {(row["dev"], row["ino"]): row["size_du"] for row in rows}
    told = subprocess.run(["du", "-sx", "--block-size=1", tree], capture_output=True, check=True, text=True).stdout
    assert sum(once.values()) == int(told.split()[0])


@pytest.mark.parametrize("change", ["moved", "removed", "replaced"])
def test_a_root_that_goes_away_meanwhile_is_no_snapshot(tree, snapshots, change):
    def going(_seen):
        if tree.exists() and not (tree / "new").exists():
            tree.rename(tree.parent / "moved")
            if change == "removed":
                shutil.rmtree(tree.parent / "moved")
            if change == "replaced":
                tree.mkdir()
                (tree / "new").touch()

    with pytest.raises(ScanInterrupted, match="went away"):
        scan(tree, "s", DAY, snapshots, progress=going)
    assert files_in(snapshots) == [".staging/s.lock"]


SLOW = """
import sys
from datetime import date
from pathlib import Path
from analytics_pipelines.storage_snapshots.scanner.scan import Options, scan
slow = Options(workers=2, most_entries_per_second=30)
tell = lambda seen: print(seen, flush=True)
scan(Path(sys.argv[1]), "s", date(2026, 3, 1), Path(sys.argv[2]), options=slow, progress=tell)
"""


def ended_after(folders, how, seen_least):
    """A slow scan in a process of its own, sent a signal once it has seen so many; how it ended, and its workers."""
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, *folders], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        for line in process.stdout:
            if int(line) >= seen_least:
                break
        workers = walkers(process.pid)
        process.send_signal(how)
        status = process.wait()
    _, alive = psutil.wait_procs(workers, timeout=20)
    return status, workers, alive


@pytest.mark.fault
@pytest.mark.parametrize(
    ("how", "left"),
    [
        pytest.param(signal.SIGKILL, {".staging/s.parquet.part"}, id="killed"),
        pytest.param(signal.SIGINT, set(), id="Ctrl-C"),
    ],
)
def test_a_scan_that_is_ended_leaves_no_snapshot_and_no_process(tree, snapshots, how, left):
    seen_least = random.Random(20261121).randrange(2, 20)
    status, workers, alive = ended_after((tree, snapshots), how, seen_least)
    assert (len(workers), alive) == (2, [])
    assert status in (-how, 1)
    assert set(files_in(snapshots)) == {".staging/s.lock"} | left
    report = scan(tree, "s", DAY, snapshots)
    assert files_in(snapshots) == [".staging/s.lock", "2026-03-01/s.json", "2026-03-01/s.parquet"]
    assert report.sha256 == sha256_of(report.file)


def test_a_second_scan_replaces_the_first(tree, snapshots):
    before = scan(tree, "s", DAY, snapshots)
    (tree / "new").touch()
    after = scan(tree, "s", DAY, snapshots)
    assert after.entries == before.entries + 1
    assert json.loads(SnapshotFile.at(snapshots, "s", DAY).manifest.read_bytes())["entries"] == after.entries


def test_an_empty_folder_is_a_snapshot_of_one_entry(tmp_path, snapshots):
    (tmp_path / "empty").mkdir()
    assert scan(tmp_path / "empty", "s", DAY, snapshots).entries == 1


def test_a_root_reached_by_a_link_is_named_by_its_true_path(tree, snapshots, tmp_path):
    (tmp_path / "link").symlink_to(tree)
    assert scan(tmp_path / "link", "s", DAY, snapshots).root == str(tree)


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        pytest.param("nowhere", NoSuchPath, "There is no", id="missing"),
        pytest.param("tree/empty", NotAFolder, "is not a folder", id="a file"),
        pytest.param("tree/pipe", NotAFolder, "is not a folder", id="a pipe"),
        pytest.param("tree/empty/below", NotAFolder, "is not a folder", id="below a file"),
        pytest.param("circle", UnreadableRoot, "can not be opened", id="a link to itself"),
    ],
)
def test_what_can_not_be_scanned_is_told_by_type(tree, snapshots, path, error, words):
    tmp_path = tree.parent
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(error, match=words) as caught:
        scan(tmp_path / path, "s", DAY, snapshots)
    assert caught.value.remedy
    assert not snapshots.exists()


def test_a_root_that_may_not_be_opened_is_told(tree, snapshots, monkeypatch):
    really_open = os.open

    def refusing(path, flags, *rest, **named):
        if path == str(tree):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return really_open(path, flags, *rest, **named)

    monkeypatch.setattr(scan_file.os, "open", refusing)
    with pytest.raises(UnreadableRoot, match="Permission denied"):
        scan(tree, "s", DAY, snapshots)


def test_a_share_that_is_no_file_name_is_refused(tree, snapshots):
    with pytest.raises(BadShareName):
        scan(tree, "../s", DAY, snapshots)
    assert not snapshots.exists()


def test_two_scans_of_a_share_do_not_run_at_once(tree, snapshots):
    with locked(SnapshotFile.at(snapshots, "s", DAY).lock, wait_s=0), pytest.raises(Conflict):
        scan(tree, "s", DAY, snapshots)
    scan(tree, "s", DAY, snapshots)


def test_a_scan_that_fails_is_not_a_snapshot(tree, snapshots):
    before = scan(tree, "s", DAY, snapshots)

    def failing(_entries):
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError):
        scan(tree, "s", DAY, snapshots, progress=failing)
    with pytest.raises(RuntimeError):
        scan(tree, "t", DAY, snapshots, progress=failing)
    assert files_in(snapshots / "2026-03-01") == ["s.json", "s.parquet"]
    assert files_in(snapshots / ".staging") == ["s.lock", "t.lock"]
    assert sha256_of(before.file) == before.sha256


def test_the_folder_is_asked_for_while_others_walk(tree, snapshots):
    walking = []

    def where():
        walking.append(len(walkers()))
        return snapshots

    report = scan_into(where, tree, "s", DAY, options=Options(workers=2))
    assert walking == [2]
    assert report.file == SnapshotFile.at(snapshots, "s", DAY).parquet
    assert report.sha256 == sha256_of(report.file)


def test_a_folder_that_is_not_known_ends_the_scan(tree, snapshots):
    def where():
        raise SetupError("A setting is wrong.")

    with pytest.raises(SetupError):
        scan_into(where, tree, "s", DAY)
    assert walkers() == []
    assert not snapshots.exists()


def test_a_snapshots_folder_that_is_a_file_is_told(tree, snapshots):
    snapshots.touch()
    with pytest.raises(NotWritable, match="SNAPSHOTS_PATH"):
        scan(tree, "s", DAY, snapshots)


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.fault
@pytest.mark.parametrize(
    "left_bytes", [pytest.param(pages * 4096, id=f"{pages} pages left") for pages in range(0, 12, 2)]
)
def test_a_full_disk_keeps_the_old_snapshot_whole_and_leaves_nothing_behind(tree, small_disk, left_bytes):
    before = scan(tree, "s", DAY, small_disk)
    (tree / "new").touch()
    with (small_disk / "filler").open("wb") as file:
        free = os.statvfs(small_disk)
        file.write(b"\0" * (free.f_bavail * free.f_frsize - left_bytes))
    try:
        expected = scan(tree, "s", DAY, small_disk).entries
    except DiskFull:
        expected = before.entries
    manifest = json.loads(SnapshotFile.at(small_disk, "s", DAY).manifest.read_bytes())
    assert manifest["entries"] == expected == pq.read_metadata(before.file).num_rows
    assert manifest["sha256"] == sha256_of(before.file)
    assert files_in(small_disk) == [".staging/s.lock", "2026-03-01/s.json", "2026-03-01/s.parquet", "filler"]


@pytest.mark.fault
def test_a_full_disk_is_told(tree, small_disk):
    (small_disk / "filler").write_bytes(b"\0" * (SMALL_DISK_BYTES - 4096))
    with pytest.raises(DiskFull, match="No space is left") as caught:
        scan(tree, "s", DAY, small_disk)
    assert "SNAPSHOTS_PATH" in caught.value.remedy
    assert [file for file in files_in(small_disk) if not file.endswith(".lock")] == ["filler"]
