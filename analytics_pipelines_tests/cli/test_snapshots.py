"""Snapshots from elsewhere, and out again, as a person would type it."""

import json
import subprocess
from pathlib import Path

import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.storage_snapshots.intake.ingest import received_entries
from analytics_pipelines.storage_snapshots.layout import snapshot_date
from analytics_pipelines.storage_snapshots.tables import ENTRIES
from analytics_pipelines_tests.cli.conftest import Analytics
from analytics_pipelines_tests.conftest import settings_in

EXPORT = [1, 2, {"timestamp": 1772348400}, [{"name": "/srv"}, {"name": "a", "asize": 1536, "ino": 3}]]


@pytest.fixture
def export(home: Path) -> Path:
    """What ncdu wrote."""
    file = home.parent / "export.json"
    file.write_text(json.dumps(EXPORT))
    return file


def take_in(home: Path, day: str) -> None:
    """What a run makes of the day's snapshots."""
    settings = settings_in(home)
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    select = received_entries(settings.snapshots_folder, snapshot_date(day), duck=lake.duck)
    assert select
    lake.replace(ENTRIES, snapshot_date(day), select)
    lake.duck.close()


def test_generated_snapshots_are_told_in_a_table_with_the_next_step(analytics: Analytics, home: Path) -> None:
    done = analytics("generate-snapshots", "--days", "7", "--until", "2026-03-07", "--files", "40")
    assert done.status == 0, done.err
    assert "and 9 before them" in done.out
    assert "analytics materialize storage_snapshots serving --from 2026-03-01 --to 2026-03-07" in done.out
    assert len(list((home / "snapshots").glob("2026-03-0?/*.parquet"))) == 21


def test_shares_can_be_chosen_and_a_bad_name_is_an_error_in_one_line(analytics: Analytics, home: Path) -> None:
    assert analytics("generate-snapshots", "--days", "1", "--share", "one", "--files", "5").status == 0
    assert len(list((home / "snapshots").glob("2*/one.parquet"))) == 1
    refused = analytics("generate-snapshots", "--days", "1", "--share", "a/b")
    assert (refused.status, len(refused.err.strip().splitlines())) == (1, 1)


def test_an_export_of_ncdu_goes_in_and_comes_out_again(analytics: Analytics, home: Path, export: Path) -> None:
    brought = analytics("import-ncdu", export, "--share", "disk")
    assert brought.status == 0, brought.err
    assert "2026-03-01" in brought.out
    assert "1.5 KiB" in brought.out
    take_in(home, "2026-03-01")
    written = analytics("export-ncdu", "--share", "disk", home.parent / "out.json")
    assert "2 entries of disk on 2026-03-01" in written.out
    again = json.loads((home.parent / "out.json").read_bytes())
    assert [each.get("name") for each in (again[3][0], again[3][1])] == ["/srv", "a"]


def test_what_can_not_be_exported_leaves_no_file(analytics: Analytics, home: Path, export: Path) -> None:
    assert analytics("import-ncdu", export, "--share", "disk").status == 0
    take_in(home, "2026-03-01")
    refused = analytics("export-ncdu", "--share", "other", home.parent / "out.json")
    assert refused.status == 1
    assert "'other'" in refused.err
    assert not (home.parent / "out.json").exists()


def test_a_file_that_ncdu_did_not_write_is_an_error_in_one_line(analytics: Analytics, home: Path) -> None:
    (home.parent / "x").write_text("hello")
    refused = analytics("import-ncdu", home.parent / "x", "--share", "disk")
    assert refused.status == 1
    assert "not an export of ncdu" in refused.err
    assert not (home / "snapshots").exists()


def test_a_git_history_becomes_snapshots(analytics: Analytics, home: Path) -> None:
    repository = home.parent / "repository"
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", "init", "-q", repository], check=True)
    (repository / "a").write_text("hello")
    subprocess.run(["git", "-C", repository, "add", "a"], check=True)
    subprocess.run(["git", "-C", repository, *who, "commit", "-q", "-m", "x"], check=True)
    done = analytics("import-git", repository, "--share", "code", "--each-commit-from", "2026-03-01")
    assert done.status == 0, done.err
    assert (home / "snapshots" / "2026-03-01" / "code.parquet").exists()
    assert analytics("import-git", home.parent, "--share", "code").status == 1
