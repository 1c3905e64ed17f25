"""`analytics export` and its PostgreSQL killed at random moments: the lake is always one whole snapshot."""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.faults.command_line import Running, Shell
from analytics_pipelines_tests.faults.exporting import (
    FILE,
    Source,
    change,
    make_tables,
    must_be_tidy,
    must_be_whole,
    running_source,
    versions_in,
    versions_of_whole_files,
)
from analytics_pipelines_tests.faults.publish_points import MORE_CALLS, NEW, OLD, publish
from analytics_pipelines_tests.faults.small_disks import filled, free_bytes, small_disk
from analytics_pipelines_tests.foundation.lake.example import lake_at
from analytics_pipelines_tests.waiting import wait_until

pytestmark = pytest.mark.fault
ROOT = Path(__file__).parents[2]
BEGIN_WAIT_S = 60.0
LAST_PART = 0.98
VICTIMS = ("exporter", "one of its backends", "the server")
MEMORY, MEMORY_BYTES = Path("/dev/shm"), 2**30  # noqa: S108 - a file system in memory, named on purpose
DISK_BYTES, LEFT_BYTES = 8 * 2**20, 600_000


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is room: a killed process loses nothing that it wrote, synced or not."""
    if not (os.access(MEMORY, os.W_OK) and free_bytes(MEMORY) > MEMORY_BYTES):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, ignore_cleanup_errors=True) as made:
        yield Path(made)


def shell_in(folder: Path, **more: str) -> Shell:
    file = folder / "export.toml"
    file.write_text(FILE)
    given = {"EXPORT_TABLES_FILE": str(file), "PARQUET_DATA_PATH": str(folder / "parquet")} | more
    return Shell(folder / "home", folder / "shell", tuple(given.items()))


def begun(shell: Shell, home: Home) -> Running:
    """An export that has its folder and its snapshot."""
    running = shell.start("export")
    staging = home.exports / ".staging"
    wait_until(lambda: any(staging.glob("*.writing")) or not running.process.is_alive(), seconds=BEGIN_WAIT_S)
    return running


def length_s(shell: Shell, home: Home) -> float:
    """Seconds from the first folder to the end of an undisturbed run."""
    running = begun(shell, home)
    began_s = running.elapsed_s
    return running.wait().must_be_fine().duration_s - began_s


def strike(victim: str, running: Running, source: Source) -> bool:
    """Kill the victim; whether the run did not come to its end."""
    if victim == "exporter":
        return running.kill().status < 0
    if victim == "the server":
        source.kill()
    else:
        source.kill_backend()
    return running.wait().status != 0


def versions_seen(folder: Path, home: Home) -> int:
    """The one version that all of the lake is in; the whole files are of one version of their own."""
    (found,) = set(versions_in(home.lake).values())
    assert set(versions_in((home.exports / "current").resolve()).values()) == {found}
    (whole,) = set(versions_of_whole_files(folder / "parquet").values())
    assert whole in {found, found - 1}
    return found


@pytest.mark.parametrize(
    "kills", [pytest.param(1, id="1 moment"), pytest.param(30, id="30 moments", marks=pytest.mark.long)]
)
def test_an_export_killed_at_any_moment_leaves_one_whole_snapshot_and_the_next_one_mends(
    kills: int, folder: Path
) -> None:
    settings = settings_in(folder / "home")
    home, shell = settings.home, shell_in(folder)
    moments, struck, versions = random.Random(kills), 0, 1
    with running_source(settings) as source:
        change(source.owner, versions)
        shell.run("export").must_be_fine()
        lasting_s = length_s(shell, home)
        for number in range(kills):
            versions += 1
            change(source.owner, versions)
            running = begun(shell, home)
            running.process.join((number + moments.random()) / kills * lasting_s * LAST_PART)
            victim = VICTIMS[number % len(VICTIMS)]
            struck += strike(victim, running, source)
            assert versions_seen(folder, home) in {versions - 1, versions}
            must_be_whole(home)
            if victim != "exporter":
                source.restart()
            shell.run("export").must_be_fine()
            assert versions_seen(folder, home) == versions
            assert set(versions_of_whole_files(folder / "parquet").values()) == {versions}
            must_be_whole(home)
            must_be_tidy(home, folder / "parquet", source)
    assert struck, "every run ended before it was killed"


def seen_at(home: Path) -> tuple[int | None, int | None]:
    """Versions of both tables through a plain glob; None for one that nobody finds."""
    return tuple(version_found(home / "lake" / table.name) for table in (OLD, NEW))


def version_found(folder: Path) -> int | None:
    files = list(folder.glob("date=*/data.parquet"))
    return pl.read_parquet(files).item() if files else None


@pytest.mark.long
def test_a_kill_before_each_system_call_turns_both_tables_or_none_and_the_next_run_mends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "analytics_pipelines_tests.faults.publish_points", str(tmp_path)]
    points = int(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout)
    assert points > len(MORE_CALLS)
    seen = [seen_at(tmp_path / str(point)) for point in range(points)]
    assert set(seen) == {(1, None), (2, 2)}
    for point in range(points):
        lake = lake_at(tmp_path / str(point), threads=1)
        publish(lake, 3)
        assert seen_at(tmp_path / str(point)) == (3, 3)
        kept = {(tmp_path / str(point) / "exports" / name).resolve().name for name in ("current", "previous")}
        left = {entry.name for entry in (tmp_path / str(point) / "exports").iterdir()}
        assert left == kept | {"current", "previous", ".staging"}
        assert list((tmp_path / str(point) / "exports" / ".staging").iterdir()) == []
        lake.duck.close()


@pytest.mark.parametrize(
    "left",
    [
        pytest.param([LEFT_BYTES], id="one size"),
        pytest.param([100_000 * number for number in range(1, 25)], id="24 sizes", marks=pytest.mark.long),
    ],
)
def test_a_full_disk_is_told_in_one_line_and_the_lake_stays_as_it_was(
    left: list[int], tmp_path: Path, database_urls: DatabaseUrls
) -> None:
    owner = conninfo(database_urls.owner)
    make_tables(owner)
    change(owner, 1)
    with small_disk(tmp_path / "disk", DISK_BYTES) as disk:
        home, shell = Home(disk / "home"), shell_in(disk, DATABASE_URL=str(database_urls.app))
        shell.run("export").must_be_fine()
        version, failed = 1, 0
        for left_bytes in left:
            change(owner, version + 1)
            with filled(disk, left_bytes=left_bytes):
                outcome = shell.run("export")
            seen = versions_seen(disk, home)
            must_be_whole(home)
            if outcome.status:
                failed += 1
                assert outcome.is_one_line, (left_bytes, outcome.err)
                assert "No space is left" in outcome.err
                assert seen in {version, version + 1}
            shell.run("export").must_be_fine()
            assert versions_seen(disk, home) == version + 1
            version += 1
        assert failed
