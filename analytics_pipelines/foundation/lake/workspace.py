"""Folders in staging that a living writer holds, and the sweeping of those whose writer was killed.

The kernel drops a dead process's lock, so a folder that can be locked has no writer any more.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

SUFFIX = ".writing"
LOOSE = "*.part"
LOOSE_IS_DEAD_AFTER_S = 3600.0


@contextmanager
def workspace(staging: Path) -> Iterator[Path]:
    """A private folder in `staging`, locked while it is in use and removed at the end."""
    staging.mkdir(parents=True, exist_ok=True)
    folder, held = _claimed(staging)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def sweep(staging: Path, settle: Callable[[Path], None]) -> None:
    """Hand each dead writer's folder to `settle`, then remove it; living writers' folders are left alone.

    Small files of `write_whole` live for milliseconds and hold no lock: an hour tells that theirs is dead.
    """
    for file in staging.glob(LOOSE):
        with suppress(FileNotFoundError):
            if time.time() - file.lstat().st_mtime > LOOSE_IS_DEAD_AFTER_S:
                file.unlink()
    for folder in sorted(staging.glob("*" + SUFFIX)):
        held = _lock_of(folder)
        if held is None:
            continue
        try:
            settle(folder)
            shutil.rmtree(folder)
        finally:
            os.close(held)


def _claimed(staging: Path) -> tuple[Path, int]:
    """A new folder and its lock; a sweeper that came between the two took the folder, so try the next."""
    while True:
        folder = staging / (uuid4().hex + SUFFIX)
        folder.mkdir()
        held = _lock_of(folder)
        if held is not None and folder.is_dir():
            return folder, held
        if held is not None:
            os.close(held)


def _lock_of(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock, or None when another has it or the folder is gone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
