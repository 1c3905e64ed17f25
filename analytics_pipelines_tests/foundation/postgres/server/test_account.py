"""Who the server runs as, and what is said where nobody fits."""

import errno
import os
import pwd
from pathlib import Path

import pytest

from analytics_pipelines.foundation import free_ids
from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.postgres.server import account as accounts
from analytics_pipelines.foundation.postgres.server.account import (
    Account,
    entry_errors,
    server_account,
    setup_account,
)

ROOT, PLAIN = 0, 1234


@pytest.fixture
def nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that knows no user."""

    def unknown(_: object) -> pwd.struct_passwd:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(pwd, "getpwnam", unknown)


def runs_as(monkeypatch: pytest.MonkeyPatch, uid: int) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)


def owned_by(monkeypatch: pytest.MonkeyPatch, uid: int) -> None:
    monkeypatch.setattr(accounts, "_owner", lambda _: os.stat_result((0, 0, 0, 0, uid, uid, 0, 0, 0, 0)))


def test_root_takes_an_id_that_nobody_has_and_that_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs_as(monkeypatch, ROOT)
    monkeypatch.setattr(free_ids, "running_ids", lambda: {64900, 64899})
    assert server_account(tmp_path / "none") == Account(64898, 64898, is_own=False)
    monkeypatch.setattr(free_ids, "running_ids", lambda: set(accounts.FREE_UIDS))
    with pytest.raises(SetupError, match="No user id is free"):
        server_account(tmp_path / "none")


def test_a_plain_user_stays_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs_as(monkeypatch, PLAIN)
    found = server_account(tmp_path / "none")
    assert (found.uid, found.is_own, found.arguments()) == (PLAIN, True, {})


@pytest.mark.parametrize(
    ("who", "owner", "is_own"),
    [
        pytest.param(ROOT, 64900, False, id="root goes on as the id of the first start"),
        pytest.param(ROOT, PLAIN, False, id="root serves a plain user's home as that user"),
        pytest.param(PLAIN, PLAIN, True, id="a plain user at home"),
    ],
)
def test_the_data_folder_remembers_the_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: int, owner: int, is_own: bool
) -> None:
    runs_as(monkeypatch, who)
    owned_by(monkeypatch, owner)
    assert server_account(tmp_path) == Account(owner, owner, is_own=is_own)


@pytest.mark.parametrize(
    ("who", "owner", "told"),
    [
        pytest.param(PLAIN, 999, "another user", id="of another"),
        pytest.param(ROOT, ROOT, "belongs to root", id="of root"),
    ],
)
def test_a_data_folder_of_others_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: int, owner: int, told: str
) -> None:
    runs_as(monkeypatch, who)
    owned_by(monkeypatch, owner)
    with pytest.raises(SetupError, match=told):
        server_account(tmp_path)


@pytest.mark.usefixtures("nameless")
@pytest.mark.parametrize("who", [ROOT, PLAIN])
def test_without_any_named_user_the_set_up_says_what_to_do(monkeypatch: pytest.MonkeyPatch, who: int) -> None:
    runs_as(monkeypatch, who)
    with pytest.raises(SetupError, match="DATABASE_URL"):
        setup_account()


def test_root_that_may_not_give_files_away_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "chown", refused)
    with pytest.raises(SetupError, match="plain user"):
        Account(64900, 64900, is_own=False).give(tmp_path)
    Account(64900, 64900, is_own=True).give(tmp_path)


@pytest.mark.parametrize(
    ("number", "kind", "told"),
    [
        pytest.param(errno.EACCES, SetupError, "another user", id="no entry"),
        pytest.param(errno.EROFS, SetupError, "not a folder that can be written", id="read-only disk"),
        pytest.param(errno.ENOTDIR, SetupError, "not a folder that can be written", id="a file in the way"),
        pytest.param(errno.EMFILE, OSError, "test", id="anything else"),
    ],
)
def test_what_the_system_refuses_becomes_one_clear_line(number: int, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=told), entry_errors():
        raise OSError(number, "test")
