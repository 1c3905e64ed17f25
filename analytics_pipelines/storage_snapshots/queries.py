"""Questions about snapshots, answered from one generation."""

from dataclasses import dataclass
from datetime import date, datetime

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.storage_snapshots.ask.chosen import (
    LATEST,
    Chosen,
    NoSnapshots,
    UnknownSnapshot,
    chosen,
    published_snapshots,
)
from analytics_pipelines.storage_snapshots.layout import snapshot_date
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES

NEIGHBOURS = 4


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
class SnapshotOfShare:
    """One share's snapshot: what its producer told of the scan, and the totals; None where they are not known."""

    share: str
    snapshot_date: date
    root_path: str
    taken_at: datetime
    ended_at: datetime | None
    mode: str
    entry_count: int
    error_count: int
    vanished_count: int | None
    other_filesystem_count: int | None
    implied_dir_count: int
    capacity_bytes: int | None
    available_bytes: int | None
    absent_columns: str
    unknown_columns: str
    sha256: str
    file_count: int | None
    dir_count: int | None
    size_bytes: int | None
    allocated_bytes: int | None


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


def snapshots_of_shares(lease: Lease, snapshot: str = LATEST) -> list[SnapshotOfShare]:
    """Each share's snapshot of that day, or the newest of each, by share.

    Raises `BadSnapshotDate`, `NoSnapshots`, `UnknownSnapshot`, which names the days nearest, and `TimedOut`.
    """
    these = _chosen(lease, snapshot)
    kept = {(each.share, each.day) for each in these.snapshots}
    days = sorted({each.day for each in these.snapshots})
    found = lease.rows(SnapshotOfShare, from_file(__package__, "share_snapshots"), days=days)
    return [each for each in found if (each.share, each.snapshot_date) in kept]


def top_folders(lease: Lease, day: date, limit: int) -> list[FolderSize]:
    """The folders of all shares that take most space on that day, as `du | sort -rn | head` has them.

    A folder and the one it is in may both be among them; ties go by share and path. None of a day without a
    snapshot. Raises `TimedOut`.
    """
    try:
        these = chosen(lease, day.isoformat())
    except (NoSnapshots, UnknownSnapshot):
        return []
    folders = these.folders() if these.is_hot else these.scan(DIRECTORIES)
    return lease.rows(FolderSize, from_file(__package__, "top_folders").fill(folders=folders), limit=limit)


def share_growth(lease: Lease, day: date) -> list[ShareGrowth]:
    """Each share of that day with what changed since the day before, by name. Raises `TimedOut`."""
    return lease.rows(ShareGrowth, from_file(__package__, "share_growth"), day=day)


def _chosen(lease: Lease, snapshot: str) -> Chosen:
    try:
        return chosen(lease, snapshot)
    except UnknownSnapshot as error:
        days = {each.day for each in published_snapshots(lease)}
        wanted = snapshot_date(snapshot)
        nearest = sorted(sorted(days, key=lambda day: (abs(day - wanted), day))[:NEIGHBOURS])
        told = ", ".join(day.isoformat() for day in nearest)
        raise UnknownSnapshot(error.detail, remedy="The nearest days that have one: " + told + ".") from None
