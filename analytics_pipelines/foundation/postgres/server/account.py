"""Who the server runs as: the caller, or for root an id that nobody else has.

PostgreSQL refuses root. An account shared with other services (`nobody`) would let those read the data, so
root's server gets a numeric id without an account; the data folder's owner remembers which.
"""

import errno
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.free_ids import free_id

FREE_UIDS = range(64900, 64000, -1)
SET_URL = "set DATABASE_URL to a server of yours."


class As(TypedDict, total=False):
    """Arguments of `subprocess` that change the user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group id; `is_own` when it is the caller's, so that nothing has to change hands."""

    uid: int
    gid: int
    is_own: bool

    def arguments(self) -> As:
        """What makes `subprocess` run a program as this account."""
        return As() if self.is_own else As(user=self.uid, group=self.gid, extra_groups=[])

    def give(self, path: Path) -> None:
        """Hand a path to the account; raises `SetupError` where root may not."""
        if self.is_own:
            return
        try:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        except OSError as error:
            raise SetupError(
                "PostgreSQL can not run as root, and root may not give files to user id " + str(self.uid) + " here.",
                remedy="Start as a plain user, or " + SET_URL,
            ) from error


def server_account(data: Path) -> Account:
    """The account of the data folder, or where there is none yet the one to use; raises `SetupError`."""
    uid = os.geteuid()
    owner = _owner(data)
    if owner is None:
        return Account(uid, os.getegid(), is_own=True) if uid else _unused()
    if uid not in (0, owner.st_uid):
        raise belongs_to_another()
    if owner.st_uid == 0:
        raise SetupError(
            "The embedded database's data folder belongs to root, as whom PostgreSQL does not run.",
            remedy="Give ANALYTICS_HOME/postgres/data back to the user id that it had.",
        )
    return Account(owner.st_uid, owner.st_gid, is_own=uid != 0)


def setup_account() -> Account:
    """Who may run `initdb`, which insists on a named user: the caller, or `nobody` for root."""
    uid = os.geteuid()
    try:
        entry = pwd.getpwuid(uid) if uid else pwd.getpwnam("nobody")
    except KeyError:
        raise SetupError(
            "PostgreSQL is set up by a user with a name, and this machine has none for us.",
            remedy="Add the user to /etc/passwd, or " + SET_URL,
        ) from None
    return Account(entry.pw_uid, entry.pw_gid, is_own=uid != 0)


def belongs_to_another() -> SetupError:
    """The error for a home that we may not enter."""
    return SetupError(
        "The embedded database's folder belongs to another user.", remedy="Run as the user who owns ANALYTICS_HOME."
    )


@contextmanager
def entry_errors() -> Iterator[None]:
    """What the system refuses to this user, or on a read-only disk, as `SetupError`."""
    try:
        yield
    except PermissionError:
        raise belongs_to_another() from None
    except OSError as error:
        if error.errno in {errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
            raise SetupError(
                "ANALYTICS_HOME is not a folder that can be written: " + str(error.strerror) + ".",
                remedy="Point ANALYTICS_HOME to another folder.",
            ) from None
        raise


def _owner(data: Path) -> os.stat_result | None:
    try:
        return data.stat()
    except FileNotFoundError:
        return None


def _unused() -> Account:
    uid = free_id(FREE_UIDS)
    if uid is None:
        raise SetupError(
            "No user id is free for the embedded PostgreSQL server.",
            limit=str(FREE_UIDS[-1]) + " to " + str(FREE_UIDS[0]),
            remedy="Start as a plain user, or " + SET_URL,
        )
    return Account(uid, uid, is_own=False)
