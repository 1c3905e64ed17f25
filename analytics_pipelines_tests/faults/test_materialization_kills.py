"""`analytics materialize` killed at random moments of its work, the embedded PostgreSQL below it included."""

import os
import random
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_pipelines.foundation.home import Home
from analytics_pipelines.web_events.tables import SITES
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.faults.command_line import Shell
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
from analytics_pipelines_tests.faults.small_disks import free_bytes
from analytics_pipelines_tests.waiting import wait_until

pytestmark = pytest.mark.fault
MANY = 10
BEGIN_WAIT_S = 60.0
LAST_PART = 0.98
"""Of a run's measured length, so that a somewhat quicker one is still alive at the last moments."""

MEMORY, MEMORY_BYTES = Path("/dev/shm"), 2**30  # noqa: S108 - a file system in memory, named on purpose


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is room: a killed process loses nothing that it wrote, synced or not."""
    if not (os.access(MEMORY, os.W_OK) and free_bytes(MEMORY) > MEMORY_BYTES):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, ignore_cleanup_errors=True) as made:
        yield Path(made)


def has_begun(home: Home) -> bool:
    """Whether a partition is being written."""
    return any(home.staging.glob("*.writing"))


def timed_run(shell: Shell, home: Home) -> float:
    """Seconds from the first partition in the making to the end of an undisturbed run."""
    running = shell.start(*RANGE)
    wait_until(lambda: has_begun(home), seconds=BEGIN_WAIT_S)
    began = running.elapsed_s
    return running.wait().must_be_fine().duration_s - began


def kill_after(shell: Shell, home: Home, pause_s: float) -> bool:
    """Kill a run so long after it began to work; whether it was alive until then."""
    running = shell.start(*RANGE)
    wait_until(lambda: has_begun(home), seconds=BEGIN_WAIT_S)
    running.process.join(pause_s)
    return running.kill().status == -signal.SIGKILL


@pytest.mark.parametrize(
    "kills",
    [pytest.param(1, id="1 moment", marks=pytest.mark.long), pytest.param(20, id="20 moments", marks=pytest.mark.long)],
)
def test_a_materialization_killed_at_any_moment_leaves_whole_days_and_the_next_one_converges(
    kills: int, folder: Path
) -> None:
    settings = settings_in(folder / "home")
    home, shell, kept = settings.home, Shell(folder / "home", folder / "shell"), folder / "kept"
    shell.run("import-log", log_of(folder / "few.log", FEW), "--site", "example").must_be_fine()
    shell.run(*RANGE).must_be_fine()
    old = state_of(home)
    keep(home, kept)
    shell.run("import-log", log_of(folder / "more.log", MORE), "--site", "example").must_be_fine()
    length_s = timed_run(shell, home)
    new = state_of(home)
    assert {key[0] for key, rows in old.rows.items() if new.rows[key] == rows} == {SITES.name}
    assert old.generation != new.generation

    moments = random.Random(kills)
    struck, mixed = 0, 0
    for number in range(kills):
        put_back(home, kept)
        pause_s = (number + moments.random()) / kills * length_s * LAST_PART
        struck += kill_after(shell, home, pause_s)
        found = state_of(home)
        must_be_old_or_new(found, old, new)
        must_be_readable(settings)
        mixed += found.rows not in (old.rows, new.rows)
        shell.run(*RANGE).must_be_fine()
        must_have_converged(home, new)
    assert struck, "every run ended before it was killed"
    assert mixed or kills < MANY, "no kill came between two days"
