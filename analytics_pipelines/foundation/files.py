"""Files that survive a crash: written aside, synced, renamed, and the folder synced."""

import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from analytics_pipelines.foundation.errors import Conflict, DiskFull, Unavailable

POLL_S = 0.02
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def sync_file(path: Path) -> None:
    """Flush a file's bytes to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Flush a folder's names to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move_into_place(staged: Path, target: Path) -> None:
    """Replace `target` by the synced file `staged`; after a crash the name means the old or the new one whole."""
    make_folders(target.parent)
    os.replace(staged, target)
    sync_folder(target.parent)


def make_folders(path: Path) -> None:
    """Make the folder and its missing parents, each synced into the one above."""
    if path.is_dir():
        return
    make_folders(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def write_whole(target: Path, content: bytes, *, staging: Path, mode: int = 0o644) -> None:
    """Write a small file atomically by way of `staging` on the same file system."""
    staging.mkdir(parents=True, exist_ok=True)
    staged = staging / (uuid4().hex + ".part")
    try:
        write_synced(staged, content, mode=mode)
        move_into_place(staged, target)
    finally:
        staged.unlink(missing_ok=True)


def write_synced(target: Path, content: bytes, *, mode: int) -> None:
    """Write a new file and flush it to the disk; `mode` holds whatever the umask."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sha256_of(path: Path) -> str:
    """Hex digest of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def disk_errors() -> Iterator[None]:
    """A full disk (or quota) as `DiskFull`, a failing one as `Unavailable`, instead of bare `OSError`s."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise disk_full() from error
        if error.errno == errno.EIO:
            raise Unavailable("The disk reported an error while writing.", remedy="Check the disk.") from error
        raise


def disk_full() -> DiskFull:
    """The error for a disk without room."""
    return DiskFull("No space is left on the disk.", remedy="Free some space and run it again.")


@contextmanager
def locked(path: Path, *, wait_s: float, shared: bool = False) -> Iterator[None]:
    """Hold an advisory lock on the file; raises `Conflict` when others keep it past `wait_s`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, path, wait_s, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, wait_s: float, kind: int) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Conflict(
                    "Another process holds " + path.stem + ".",
                    limit=str(wait_s) + " s of waiting",
                    remedy="Run it again once the other one has ended.",
                ) from None
            time.sleep(POLL_S)
