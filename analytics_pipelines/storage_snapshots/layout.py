"""Where snapshots lie: `{YYYY-MM-DD}/{share}.parquet`, its manifest `{share}.json` beside it, staging aside."""

import errno
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analytics_pipelines.foundation.errors import BadInput, DiskFull, SetupError

SHARE = re.compile(r"\w[\w .-]*")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOST_SHARE_BYTES = 100
STAGING = ".staging"
NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}


class BadShareName(BadInput):
    """The name of a share can not be the name of a file."""


class BadSnapshotDate(BadInput):
    """The text is not a day of the calendar as YYYY-MM-DD."""


class NotWritable(SetupError):
    """The folder of the snapshots can not be made or written."""


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """Paths of one share's snapshot of one day; `at` is the way to make one."""

    folder: Path
    share: str
    day: date

    @staticmethod
    def at(snapshots_folder: Path, share: str, day: date) -> "SnapshotFile":
        """The paths below that folder; raises `BadShareName`."""
        return SnapshotFile(snapshots_folder, share_name(share), day)

    @property
    def parquet(self) -> Path:
        """The entries."""
        return day_folder(self.folder, self.day) / (self.share + ".parquet")

    @property
    def manifest(self) -> Path:
        """What the scan saw, in JSON; written last."""
        return self.parquet.with_name(self.share + ".json")

    @property
    def staging(self) -> Path:
        """Where files grow: beside the days, on the same file system, under a name that no day has."""
        return self.folder / STAGING

    def staged(self, ending: str) -> Path:
        """The unfinished file of this share; a scan that was killed leaves one, and the next writes over it."""
        return self.staging / (self.share + ending + ".part")

    @property
    def lock(self) -> Path:
        """Held by the one scan of this share that may run."""
        return self.staging / (self.share + ".lock")


def share_name(text: str) -> str:
    """The name, if it can stand in a path: letters, digits, blank, `_`, `.`, `-`; else raises `BadShareName`."""
    if SHARE.fullmatch(text) and len(text.encode()) <= MOST_SHARE_BYTES:
        return text
    raise BadShareName(
        f"{text[:MOST_SHARE_BYTES]!r} can not be the name of a share.",
        limit=f"{MOST_SHARE_BYTES} bytes",
        remedy="Use letters, digits, blanks, '_', '.' and '-', beginning with a letter, a digit or '_'.",
    )


def snapshot_date(text: str) -> date:
    """The day that `YYYY-MM-DD` names; raises `BadSnapshotDate` for anything else."""
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadSnapshotDate(f"{text[:20]!r} is not a day.", remedy="Write it as YYYY-MM-DD, for example 2026-11-21.")


def day_folder(snapshots_folder: Path, day: date) -> Path:
    """Where the shares of that day lie."""
    return snapshots_folder / day.isoformat()


def snapshots_of(snapshots_folder: Path, day: date) -> list[SnapshotFile]:
    """The day's snapshots by share; none when there is no such folder. Other names than shares' are passed over."""
    folder = day_folder(snapshots_folder, day)
    found = sorted(file.stem for file in folder.iterdir() if _is_snapshot(file)) if folder.is_dir() else []
    return [SnapshotFile(snapshots_folder, share, day) for share in found]


def _is_snapshot(file: Path) -> bool:
    return file.suffix == ".parquet" and SHARE.fullmatch(file.stem) is not None


def told_sha256(snapshot: SnapshotFile) -> str | None:
    """The hash that our manifest promises; None where another producer left no manifest, or one of its own."""
    try:
        manifest: Any = json.loads(snapshot.manifest.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    promised = manifest.get("sha256") if isinstance(manifest, dict) else None
    return promised if isinstance(promised, str) else None


@contextmanager
def write_errors_told() -> Iterator[None]:
    """A full file system or quota as `DiskFull`, a folder that may not be written as `NotWritable`."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise DiskFull(
                "No space is left for the snapshot; nothing of it was kept.",
                remedy="Free some space, or point SNAPSHOTS_PATH to a larger disk, and scan again.",
            ) from error
        if error.errno in NO_RIGHT:
            raise NotWritable(
                "Snapshots can not be written: " + str(error.strerror) + ".",
                remedy="Let SNAPSHOTS_PATH name a folder that this user may write.",
            ) from error
        raise
