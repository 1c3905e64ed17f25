"""Commands on a disk without room: one line, status 1, nothing half-published; with room the next run succeeds."""

from pathlib import Path

import pytest

from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.faults.command_line import Outcome, Shell
from analytics_pipelines_tests.faults.materialization import (
    FEW,
    MORE,
    RANGE,
    keep,
    log_of,
    must_be_old_or_new,
    must_be_readable,
    must_have_converged,
    put_back,
    state_of,
)
from analytics_pipelines_tests.faults.small_disks import PAGE_BYTES, filled, small_disk

pytestmark = pytest.mark.fault
MIB = 2**20
BATCH_LINES = 5_000


def must_have_complained(outcome: Outcome, *told: str) -> None:
    assert outcome.is_one_line, outcome
    assert any(words in outcome.err for words in told), outcome.err


def snapshots(home: Home) -> dict[str, str]:
    files = [file for file in home.snapshots.rglob("*") if file.is_file() and file.suffix != ".lock"]
    return {str(file.relative_to(home.snapshots)): sha256_of(file) for file in files}


def test_a_scan_keeps_the_old_snapshot(tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / "tree" / f"{number:04d} {'x' * 60}").mkdir(parents=True)
    with small_disk(tmp_path / "disk", 2 * MIB) as disk:
        home, shell = Home(disk / "home"), Shell(disk / "home", tmp_path / "shell")
        shell.run("scan", tmp_path / "tree", "--share", "mine", "--date", "2026-05-17").must_be_fine()
        old = snapshots(home)
        assert len(old) == 2
        (tmp_path / "tree" / "another").mkdir()
        for pages in (0, 1, 2, 4, 8):
            with filled(disk, pages * PAGE_BYTES):
                outcome = shell.run("scan", tmp_path / "tree", "--share", "mine", "--date", "2026-05-17")
            must_have_complained(outcome, "No space is left for the snapshot")
            assert snapshots(home) == old
        shell.run("scan", tmp_path / "tree", "--share", "mine", "--date", "2026-05-17").must_be_fine()
        assert snapshots(home).keys() == old.keys()
        assert all(sha256 != old[name] for name, sha256 in snapshots(home).items())


@pytest.mark.parametrize(
    "levels",
    [
        pytest.param((112,), id="1 level", marks=pytest.mark.long),
        pytest.param(range(0, 320, 8), id="40 levels", marks=pytest.mark.long),
    ],
)
def test_a_materialization_publishes_whole_days_or_nothing(
    levels: tuple[int, ...], tmp_path: Path, database_urls: DatabaseUrls
) -> None:
    given = (("DATABASE_URL", database_urls.app), ("DATABASE_OWNER_URL", database_urls.owner))
    with small_disk(tmp_path / "disk", 32 * MIB) as disk:
        settings = settings_in(disk / "home")
        home, shell, kept = settings.home, Shell(disk / "home", tmp_path / "shell", given), disk / "kept"
        shell.run("import-log", log_of(tmp_path / "few.log", FEW), "--site", "example").must_be_fine()
        with filled(disk, 16 * PAGE_BYTES):
            must_have_complained(shell.run(*RANGE), "No space is left")
        assert not home.lake.exists()
        shell.run(*RANGE).must_be_fine()
        old = state_of(home)
        keep(home, kept)
        shell.run("import-log", log_of(tmp_path / "more.log", MORE), "--site", "example").must_be_fine()
        seen = []
        for pages in levels:
            put_back(home, kept)
            with filled(disk, pages * PAGE_BYTES):
                must_have_complained(shell.run(*RANGE), "No space is left")
            seen.append(state_of(home))
            must_be_readable(settings)
            assert list(home.staging.iterdir()) == []
        shell.run(*RANGE).must_be_fine()
        new = state_of(home)
        must_have_converged(home, new)
        for found in seen:
            must_be_old_or_new(found, old, new)


@pytest.mark.long
def test_an_import_stores_whole_batches_or_nothing(tmp_path: Path) -> None:
    log = log_of(tmp_path / "big.log", 10_000)
    with small_disk(tmp_path / "disk", 224 * MIB) as disk:
        shell = Shell(disk / "home", tmp_path / "shell")
        for left_bytes in (0, PAGE_BYTES, 60 * MIB):
            with filled(disk, left_bytes):
                must_have_complained(shell.run("import-log", log, "--site", "example"), "No space", "MiB left")
        shell.run("migrate").must_be_fine()
        for left_bytes in (0, 10 * MIB, 25 * MIB):
            with filled(disk, left_bytes):
                outcome = shell.run("import-log", log, "--site", "example")
            must_have_complained(outcome, "No space", "MiB left", "The database's disk is full")
        outcome = shell.run("import-log", log, "--site", "example").must_be_fine()
        words = outcome.out.replace(",", "").split()
        lines, stored, known = (int(words[position]) for position in (0, 2, 4))
        assert lines == stored + known == 30_000
        assert known % BATCH_LINES == 0
