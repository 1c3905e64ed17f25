"""What a plain user may not read or write: one line, status 1, and nothing is left."""

import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_pipelines_tests.faults.command_line import Outcome, Shell
from analytics_pipelines_tests.faults.materialization import FEW, RANGE, log_of

pytestmark = pytest.mark.fault
OTHERS_MAY_ENTER = 0o755


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike those that pytest makes."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(OTHERS_MAY_ENTER)
        yield Path(made)


@pytest.fixture
def shell(folder: Path) -> Shell:
    """A plain user's shell, in a home of their own."""
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    (folder / "home").mkdir()
    if user is not None:
        os.chown(folder / "home", user, user)
    return Shell(folder / "home", folder / "shell", user_id=user)


def closed(path: Path) -> Path:
    """The same path, which nobody but root may open any more."""
    path.chmod(0)
    return path


def must_have_complained(outcome: Outcome, told: str) -> None:
    assert outcome.is_one_line, outcome
    assert told in outcome.err


def test_a_folder_that_may_not_be_read_is_no_snapshot(shell: Shell, folder: Path) -> None:
    (folder / "tree" / "closed").mkdir(parents=True)
    shell.run("scan", folder / "tree", "--share", "mine").must_be_fine()
    closed(folder / "tree" / "closed")
    must_have_complained(shell.run("scan", folder / "tree" / "closed", "--share", "other"), "Permission denied")
    assert not list(shell.home.rglob("other*.parquet*"))
    assert "1 unreadable" in shell.run("scan", folder / "tree", "--share", "mine").must_be_fine().out


def test_a_log_that_may_not_be_read_is_not_imported(shell: Shell, folder: Path) -> None:
    log = closed(log_of(folder / "access.log", FEW))
    must_have_complained(shell.run("import-log", log, "--site", "example"), "Permission denied")


@pytest.mark.parametrize("command", [("scan", "/etc", "--share", "mine"), ("migrate",), RANGE], ids=lambda it: it[0])
def test_a_home_that_may_not_be_written_is_told(shell: Shell, command: tuple[object, ...]) -> None:
    closed(shell.home)
    outcome = shell.run(*command)
    shell.home.chmod(OTHERS_MAY_ENTER)
    assert outcome.is_one_line, outcome
    assert list(shell.home.iterdir()) == []
