"""Questions about snapshots, answered from one generation."""

from dataclasses import dataclass
from datetime import date

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file


@dataclass(frozen=True, slots=True)
class SnapshotSummary:
    """One day's snapshot: the shares that were scanned, and what they hold together."""

    snapshot_date: date
    shares: list[str]
    file_count: int
    dir_count: int
    size_bytes: int
    allocated_bytes: int
    error_count: int


@dataclass(frozen=True, slots=True)
class FolderSize:
    """A folder and all that is below it."""

    share: str
    path: str
    file_count: int
    dir_count: int
    size_bytes: int
    allocated_bytes: int


@dataclass(frozen=True, slots=True)
class ShareGrowth:
    """A share on one day; the changes are None where the day before has no snapshot."""

    share: str
    root_path: str
    file_count: int
    allocated_bytes: int
    file_count_change: int | None
    allocated_change_bytes: int | None


def snapshots(lease: Lease) -> list[SnapshotSummary]:
    """Every day with a snapshot, newest first, its shares by name. Raises `TimedOut`."""
    return lease.rows(SnapshotSummary, from_file(__package__, "snapshots"))


def top_folders(lease: Lease, day: date, limit: int) -> list[FolderSize]:
    """The folders of all shares that take most space on that day, as `du | sort -rn | head` has them.

    A folder and the one it is in may both be among them; ties go by share and path. Raises `TimedOut`.
    """
    return lease.rows(FolderSize, from_file(__package__, "top_folders"), day=day, limit=limit)


def share_growth(lease: Lease, day: date) -> list[ShareGrowth]:
    """Each share of that day with what changed since the day before, by name. Raises `TimedOut`."""
    return lease.rows(ShareGrowth, from_file(__package__, "share_growth"), day=day)
