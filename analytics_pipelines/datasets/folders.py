"""Where uploads lie: `<uploads>/<user>/<dataset>/data.parquet`, private to the account that the program runs as.

Every segment is an id of ours. A dataset's folder appears whole, by one rename, before its row does, and goes after its
row: what a crash leaves is a folder without a row, which the sweep removes.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.files import disk_errors, make_folders, sync_file, sync_folder
from analytics_pipelines.foundation.settings import Settings

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
DATA = "data.parquet"
ORIGINAL = "original"
STAGING = ".staging"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


class UploadsMisplaced(SetupError):
    """Uploads would lie where others read, or others' files among them."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Whose dataset it is, and which: two ids, and the path of its folder."""

    user_id: str
    dataset_id: str

    def __post_init__(self) -> None:
        if not (is_id(self.user_id) and is_id(self.dataset_id)):
            raise ValueError("a folder of uploads is named by ids of ours")

    @property
    def path(self) -> str:
        """Of the Parquet file below the uploads folder, as the database keeps it."""
        return "/".join((self.user_id, self.dataset_id, DATA))


def new_id() -> str:
    """An id that nobody can guess: 122 random bits, as a uuid in its usual spelling."""
    return str(uuid4())


def is_id(text: str) -> bool:
    """Whether it is spelt as `new_id` spells them."""
    return ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Folders:
    """The uploads folder, absolute; made when it is first needed."""

    root: Path

    @classmethod
    def of(cls, settings: Settings) -> "Folders":
        """That of the settings; raises `UploadsMisplaced` inside or around what is published, or kept otherwise."""
        root = settings.uploads_folder.resolve()
        home = settings.home
        for other in (
            *(home.lake, home.staging, home.generations, home.exports, home.locks, home.spool, home.postgres),
            *(home.dagster, home.logs, home.duck_temp, settings.parquet_folder, settings.snapshots_folder),
        ):
            taken = other.resolve()
            if root.is_relative_to(taken) or taken.is_relative_to(root):
                raise UploadsMisplaced(
                    "UPLOAD_DIR and the folder " + taken.name + " lie in one another.",
                    remedy="Choose a folder of its own for uploads.",
                )
        return cls(root)

    def data(self, place: Place) -> Path:
        """The dataset's Parquet file."""
        return self._folder(place) / DATA

    def original(self, place: Place) -> Path:
        """The file as it was uploaded, where it was kept."""
        return self._folder(place) / ORIGINAL

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A new private folder on the same file system, removed at the end with all that is still in it."""
        with disk_errors():
            self._make(self.root / STAGING)
            folder = self.root / STAGING / new_id()
            folder.mkdir(mode=PRIVATE_FOLDER)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, place: Place, *, data: Path, original: Path | None = None) -> None:
        """Move staged files into the dataset's folder: all of them or, after a crash, none.

        Raises `DiskFull`, `Unavailable`.
        """
        with disk_errors(), self.staging() as folder:
            for staged, file in ((data, DATA), (original, ORIGINAL)):
                if staged is not None:
                    os.chmod(staged, PRIVATE_FILE)
                    sync_file(staged)
                    staged.rename(folder / file)
            sync_folder(folder)
            self._rename(folder, self._folder(place))
            sync_folder(self.root / place.user_id)

    def remove(self, place: Place) -> bool:
        """Remove the dataset's files; False where there were none. Raises `Unavailable` where the disk is at fault."""
        return _removed(self._folder(place))

    def places(self) -> list[Place]:
        """Every dataset that has a folder, in order; what is named otherwise is not ours."""
        users = [each for each in _folders_in(self.root) if is_id(each.name)]
        found = [Place(user.name, each.name) for user in users for each in _folders_in(user) if is_id(each.name)]
        return sorted(found)

    def changed_at(self, place: Place) -> datetime | None:
        """When the dataset's folder was made, or last changed; None where there is none."""
        return _changed_at(self._folder(place))

    def sweep_staging(self, before: datetime) -> int:
        """Remove what killed processes left in staging before that moment, and empty folders of users; how many."""
        left = [each for each in _folders_in(self.root / STAGING) if is_id(each.name)]
        removed = sum(_removed(each) for each in left if _is_older(each, before))
        for user in _folders_in(self.root):
            if is_id(user.name) and _is_older(user, before):
                with suppress(OSError):  # somebody has datasets in it
                    user.rmdir()
        return removed

    def _folder(self, place: Place) -> Path:
        return self.root / place.user_id / place.dataset_id

    def _make(self, folder: Path) -> None:
        if not self.root.is_dir():
            make_folders(self.root.parent)
            _made_private(self.root)
        _made_private(folder)

    def _rename(self, folder: Path, target: Path) -> None:
        """A sweep may take the user's folder in between, once: it is old and empty, and made anew it is not old."""
        self._make(target.parent)
        try:
            folder.rename(target)
        except FileNotFoundError:
            self._make(target.parent)
            folder.rename(target)


def _made_private(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        sync_folder(folder.parent)


def _folders_in(folder: Path) -> list[Path]:
    """Folders in it that are no links; none where it is not there."""
    try:
        return sorted(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink())
    except FileNotFoundError:
        return []


def _removed(folder: Path) -> bool:
    with disk_errors():
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return False
    return True


def _is_older(folder: Path, moment: datetime) -> bool:
    changed = _changed_at(folder)
    return changed is not None and changed < moment


def _changed_at(folder: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
