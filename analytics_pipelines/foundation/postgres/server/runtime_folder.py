"""A short private folder for the socket, outside the home, whose path may be too long for one.

A socket's path has at most 107 bytes. The folder's own path is recorded in the home, so that a start after
a crash finds it again; what is found there is believed only when it is still ours alone.
"""

import fcntl
import json
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.files import write_whole
from analytics_pipelines.foundation.postgres.server.account import Account

PREFIX = "apg-"
LONGEST_SOCKET_BYTES = 107
SOCKET_NAME = ".s.PGSQL.5432"
FILE_NAME = "runtime.json"
OTHER_PLACES = ("/tmp", "/var/tmp", "/run", "/dev/shm")  # noqa: S108 - candidates, each checked below


@dataclass(frozen=True, slots=True)
class RuntimeFolder:
    """`path/s` holds the socket, `path/pg` copied binaries; `descriptor` keeps cleaners of old files away."""

    path: Path
    descriptor: int

    @property
    def sockets(self) -> Path:
        """The folder that only the server's account may enter."""
        return self.path / "s"

    def empty_sockets(self, account: Account) -> None:
        """Make the socket folder anew: what a killed server left there may name a process that is now another."""
        shutil.rmtree(self.sockets, ignore_errors=True)
        self.sockets.mkdir(mode=0o700)
        account.give(self.sockets)

    def remove(self) -> None:
        """Remove it with all that it holds."""
        os.close(self.descriptor)
        shutil.rmtree(self.path, ignore_errors=True)


def runtime_folder(folder: Path, account: Account) -> RuntimeFolder:
    """The recorded folder when it is still ours and nobody uses it, else a new one."""
    recorded = _recorded(folder, account)
    kept = _kept(recorded) if recorded else None
    if recorded and kept is not None:
        return RuntimeFolder(recorded, kept)
    path = _made(folder, account)
    return RuntimeFolder(path, _held(path))


def _mode(account: Account) -> int:
    return 0o700 if account.is_own else 0o711


def _recorded(folder: Path, account: Account) -> Path | None:
    try:
        path = Path(json.loads((folder / FILE_NAME).read_bytes())["folder"])
        found = path.lstat()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and path.name.startswith(PREFIX)
    return path if is_ours and stat.S_IMODE(found.st_mode) == _mode(account) and _fits(path.parent, account) else None


def _made(folder: Path, account: Account) -> Path:
    place = _place(account)
    path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    path.chmod(_mode(account))
    write_whole(folder / FILE_NAME, json.dumps({"folder": str(path)}).encode(), staging=folder / "staging", mode=0o600)
    return path


def _place(account: Account) -> Path:
    for place in (tempfile.gettempdir(), *OTHER_PLACES):
        if _fits(Path(place), account):
            return Path(place)
    raise SetupError(
        "No folder is fit for the embedded database's socket.",
        limit=str(LONGEST_SOCKET_BYTES) + " bytes of path",
        remedy="Point TMPDIR to a short path that every user may enter, such as /tmp.",
    )


def _fits(place: Path, account: Account) -> bool:
    """Short enough, writable, nobody else can rename what we make there, and the account gets there."""
    longest = os.fsencode(place / (PREFIX + "12345678") / "s" / SOCKET_NAME)
    if len(longest) > LONGEST_SOCKET_BYTES or not os.access(place, os.W_OK | os.X_OK):
        return False
    if account.is_own:
        return not _is_open_to_renames(place)
    can_run = not os.statvfs(place).f_flag & os.ST_NOEXEC
    return can_run and not _is_open_to_renames(place) and all(map(_lets_all_pass, [place, *place.parents]))


def _is_open_to_renames(place: Path) -> bool:
    mode = place.stat().st_mode
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX


def _lets_all_pass(place: Path) -> bool:
    return bool(place.stat().st_mode & stat.S_IXOTH)


def _kept(path: Path) -> int | None:
    """The folder's lock, or None when a server uses it: a copy of its home records the same folder."""
    try:
        return _held(path)
    except BlockingIOError:
        return None


def _held(path: Path) -> int:
    """A lock, which also makes systemd-tmpfiles leave the folder alone however old it gets."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor
