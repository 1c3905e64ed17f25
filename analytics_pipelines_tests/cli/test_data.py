"""Scan, import and materialize as a person would, from an empty home."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analytics_pipelines_tests.cli.conftest import Analytics

LINE = '198.51.100.7 - - [{at}] "GET /{page} HTTP/1.1" 200 12 "-" "Mozilla/5.0"\n'


def test_a_scan_writes_a_snapshot_and_says_what_it_saw(analytics: Analytics, home: Path) -> None:
    (home.parent / "tree").mkdir()
    (home.parent / "tree" / "file.txt").write_text("hello")
    outcome = analytics("scan", home.parent / "tree", "--share", "mine", "--date", "2026-05-17")
    assert outcome.status == 0
    assert "2 entries" in outcome.out
    assert pq.read_metadata(home / "snapshots" / "2026-05-17" / "mine.parquet").num_rows == 2


def test_a_scan_at_a_terminal_shows_its_progress(home: Path) -> None:
    (home.parent / "tree").mkdir()
    ours, theirs = pty.openpty()
    command = (sys.executable, "-m", "analytics_pipelines.cli.main", "scan", home.parent / "tree", "--share", "mine")
    with subprocess.Popen(command, stdout=theirs, env=os.environ | {"TERM": "xterm"}) as process:
        os.close(theirs)
        told = b""
        with suppress(OSError):  # EIO is how a terminal says that nobody writes to it any more
            while more := os.read(ours, 4096):
                told += more
    os.close(ours)
    assert process.returncode == 0
    assert b"scanning" in told
    assert b"1 entries" in told


def test_a_scan_with_every_option_says_what_it_read(analytics: Analytics, home: Path) -> None:
    (home.parent / "tree").mkdir()
    for name in ("one", "two"):
        (home.parent / "tree" / name).write_text("hello")
    options = ("--workers", "1", "--cross-filesystems", "--max-entries-per-second", "1000", "--hash")
    outcome = analytics("scan", home.parent / "tree", "--share", "mine", *options)
    assert outcome.status == 0, outcome.err
    assert "2 files compared, 10 B read" in outcome.out
    (file,) = (home / "snapshots").glob("*/mine.parquet")
    assert pq.read_table(file)["content_hash"].null_count == 1


def test_a_scan_without_workers_is_refused(analytics: Analytics, home: Path) -> None:
    outcome = analytics("scan", home.parent, "--share", "mine", "--workers", "0")
    assert (outcome.status, "1 to 64" in outcome.err) == (1, True)


@pytest.mark.long
def test_an_imported_log_can_be_materialized_and_is_published(analytics: Analytics, home: Path) -> None:
    at = datetime(2026, 5, 17, 12, tzinfo=UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    log = home.parent / "access.log"
    broken = "no line of a log\n" * 12
    log.write_text(LINE.format(at=at, page="one") + LINE.format(at=at, page="two") + broken)
    imported = analytics("import-log", log, "--site", "example")
    assert imported.status == 0
    assert "14 lines: 2 stored, 0 known already, 12 malformed" in imported.out
    assert "line 3: " in imported.out
    assert "and 2 more" in imported.out
    made = analytics("materialize", "web_events", "--from", "2026-05-17")
    assert made.status == 0, made.err
    assert "out_web__daily_metrics" in made.out
    assert (home / "generations" / "current").exists()
