"""The socket's folder: short, private, found again, and never somebody else's."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.postgres.server import runtime_folder as runtime_folders
from analytics_pipelines.foundation.postgres.server.account import Account
from analytics_pipelines.foundation.postgres.server.runtime_folder import RuntimeFolder, runtime_folder

OWN = Account(os.geteuid(), os.getegid(), is_own=True)
OTHER = Account(64900, 64900, is_own=False)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[RuntimeFolder]:
    found = runtime_folder(tmp_path, OWN)
    yield found
    found.remove()


def abandoned(folder: RuntimeFolder) -> Path:
    """What a killed supervisor leaves: its lock is gone."""
    os.set_inheritable(folder.descriptor, False)
    descriptor = os.open("/", os.O_RDONLY)
    os.dup2(descriptor, folder.descriptor)
    os.close(descriptor)
    return folder.path


def test_it_is_short_and_ours_alone(made: RuntimeFolder) -> None:
    assert len(os.fsencode(made.sockets / runtime_folders.SOCKET_NAME)) <= 107
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o700


def test_after_a_crash_the_same_folder_serves_again_and_is_emptied(tmp_path: Path, made: RuntimeFolder) -> None:
    made.empty_sockets(OWN)
    (made.sockets / ".s.PGSQL.5432.lock").write_text("1")
    path = abandoned(made)
    again = runtime_folder(tmp_path, OWN)
    again.empty_sockets(OWN)
    assert again.path == path
    assert list(again.sockets.iterdir()) == []
    again.remove()


def test_a_copied_home_does_not_take_the_folder_of_the_running_one(tmp_path: Path, made: RuntimeFolder) -> None:
    other = runtime_folder(tmp_path, OWN)
    assert other.path != made.path
    other.remove()


def test_a_folder_that_others_may_enter_is_not_believed(tmp_path: Path, made: RuntimeFolder) -> None:
    path = abandoned(made)
    path.chmod(0o755)
    other = runtime_folder(tmp_path, OWN)
    assert other.path != path
    other.remove()


@pytest.mark.parametrize(
    "content", ["", "{}", '{"folder": "/nowhere/apg-1"}', '{"folder": "/tmp"}', "[]", '{"folder": 1}']
)
def test_a_record_that_names_nothing_of_ours_is_not_believed(tmp_path: Path, content: str) -> None:
    (tmp_path / "runtime.json").write_text(content)
    made = runtime_folder(tmp_path, OWN)
    assert made.path.name.startswith("apg-")
    made.remove()
    assert not made.path.exists()


def test_a_link_is_not_believed(tmp_path: Path, made: RuntimeFolder) -> None:
    path = abandoned(made)
    link = tmp_path / "apg-link"
    link.symlink_to(path)
    (tmp_path / "runtime.json").write_text('{"folder": "' + str(link) + '"}')
    other = runtime_folder(tmp_path, OWN)
    assert other.path not in (link, path)
    other.remove()


@pytest.mark.parametrize(
    ("mode", "account"),
    [
        pytest.param(0o777, OWN, id="others could rename what we make"),
        pytest.param(0o777, OTHER, id="the same for a server of root"),
        pytest.param(0o700, OTHER, id="the server's account can not get there"),
    ],
)
def test_an_unsafe_place_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, account: Account
) -> None:
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    place.chmod(mode)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(place))
    made = runtime_folders._made(tmp_path, account)
    assert made.parent != place
    made.rmdir()
    place.rmdir()


def test_where_no_place_is_short_enough_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "/" + "long" * 30)
    monkeypatch.setattr(runtime_folders, "OTHER_PLACES", ("/nowhere",))
    with pytest.raises(SetupError, match="107 bytes"):
        runtime_folder(tmp_path, OWN)
