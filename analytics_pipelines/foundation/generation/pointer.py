"""The folders of the generations, the pointer to the one in force, and the locks that keep one from the sweep.

`generations/<id>/` is complete from the moment it has that name; `generations/current` is a symbolic link
to one of them and is replaced by a rename, so it names the old or the new one at every instant.
"""

import fcntl
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from analytics_pipelines.foundation.files import make_folders, sync_folder
from analytics_pipelines.foundation.home import Home

POINTER = "current"
LOCK_FILE = "lease.lock"


@dataclass(frozen=True, slots=True)
class GenerationFolders:
    """Where generations lie; `staging` is on the same file system and outside them."""

    root: Path
    staging: Path

    @staticmethod
    def of(home: Home) -> "GenerationFolders":
        """Those of a home."""
        return GenerationFolders(home.generations, home.staging)

    def folder(self, generation_id: str) -> Path:
        """Where a generation lies."""
        return self.root / generation_id

    def current_id(self) -> str | None:
        """The id that the pointer names; None before the first publication."""
        try:
            return (self.root / POINTER).readlink().name
        except FileNotFoundError:
            return None

    def published_at(self, generation_id: str) -> datetime:
        """When a generation was last put into force; raises `FileNotFoundError` when it was swept."""
        return datetime.fromtimestamp(self.folder(generation_id).stat().st_mtime, UTC)

    def ids(self) -> list[str]:
        """Generations on disk, newest first; the id breaks ties."""
        if not self.root.is_dir():
            return []
        found = [entry for entry in self.root.iterdir() if entry.is_dir() and not entry.is_symlink()]
        return [entry.name for entry in sorted(found, key=lambda entry: (-entry.stat().st_mtime_ns, entry.name))]

    def install(self, staged: Path, generation_id: str) -> None:
        """Give a synced, complete folder its name; it is still not in force."""
        make_folders(self.root)
        staged.rename(self.folder(generation_id))
        sync_folder(self.root)

    def point_to(self, generation_id: str) -> None:
        """Put a generation into force; the folder's time tells the sweep when that was."""
        os.utime(self.folder(generation_id))
        link = self.staging / (uuid4().hex + ".part")
        link.symlink_to(generation_id)
        os.replace(link, self.root / POINTER)
        sync_folder(self.root)


def lock_generation(folder: Path, *, exclusive: bool = False) -> int | None:
    """A descriptor that holds the generation's lock until it is closed.

    None when a sweep (or, for `exclusive`, any user) holds it, or the generation is gone. Never waits.
    """
    file = folder / LOCK_FILE
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_ino == file.stat().st_ino:  # else it was swept since it was opened
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None
