"""A folder over time: its sums on each day of its share's snapshots, carried on while they stay the same."""

from dataclasses import dataclass
from datetime import date

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file
from analytics_pipelines.storage_snapshots.ask.chosen import (
    NoSnapshots,
    ShareSnapshot,
    UnknownPath,
    UnknownShare,
    published_snapshots,
)
from analytics_pipelines.storage_snapshots.ask.paths import normal_path, path_key
from analytics_pipelines.storage_snapshots.hot.tables import FOLDER_HISTORY


class TimelineBackwards(BadInput):
    """`start` is later than `end`."""


@dataclass(frozen=True, slots=True)
class FolderVersion:
    """A folder's sums while they were the same; None where it was away."""

    share: str
    path: str
    valid_from: date
    valid_to: date | None
    file_count: int | None
    dir_count: int | None
    size_bytes: int | None
    allocated_bytes: int | None


@dataclass(frozen=True, slots=True)
class Point:
    """A folder in one snapshot, and what changed since the point before; None at the first point."""

    date: date
    size: int
    size_du: int
    files: int
    dirs: int
    size_change: int | None
    size_du_change: int | None
    files_change: int | None
    dirs_change: int | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """One share's points, by day; days without a snapshot, or without the folder, have none."""

    share: str
    path: str
    points: list[Point]


def timeline(
    lease: Lease,
    path: str | None = None,
    share: str | None = None,
    start: date | None = None,
    end: date | None = None,
) -> list[Timeline]:
    """The folder in each share that ever had it, by share; without a path, each share's root.

    The change at the first point is told against the snapshot before `start`, where there is one. Raises `BadPath`,
    `NoSnapshots`, `UnknownShare`, `UnknownPath`, `TimelineBackwards`, `TimedOut`.
    """
    if start and end and start > end:
        raise TimelineBackwards("`start` is later than `end`.", remedy="Exchange them.")
    shares = _shares(lease, share)
    wanted = None if path is None else normal_path(path)
    paths = {wanted} if wanted else {each.root_path for snapshots in shares.values() for each in snapshots}
    versions = _versions(lease, paths)
    found = []
    for name, snapshots in sorted(shares.items()):
        roots = {wanted} if wanted else {each.root_path for each in snapshots}
        for root in sorted(roots):
            own = [each for each in versions if each.share == name and each.path == root]
            if own:
                found.append(Timeline(name, root, _points(snapshots, own, start, end)))
    if not found:
        raise UnknownPath("No folder ever had the path " + str(wanted) + ".", remedy="/api/snapshots names the shares.")
    return found


def _shares(lease: Lease, share: str | None) -> dict[str, list[ShareSnapshot]]:
    published = published_snapshots(lease)
    if not published:
        raise NoSnapshots("No snapshot is published yet.", remedy="Scan a share into SNAPSHOTS_PATH.")
    found: dict[str, list[ShareSnapshot]] = {}
    for each in sorted(published, key=lambda each: each.day):
        if share in {None, each.share}:
            found.setdefault(each.share, []).append(each)
    if not found:
        raise UnknownShare("There is no share " + repr(share) + ".", remedy="/api/snapshots names the shares.")
    return found


def _versions(lease: Lease, paths: set[str]) -> list[FolderVersion]:
    query = from_file(__package__, "folder_versions").fill(history=lease.table(FOLDER_HISTORY.name))
    rows = lease.tuples(query, keys=[path_key(each) for each in sorted(paths)])
    return [FolderVersion(*row) for row in rows]


def _points(
    snapshots: list[ShareSnapshot], versions: list[FolderVersion], start: date | None, end: date | None
) -> list[Point]:
    points: list[Point] = []
    before: FolderVersion | None = None
    number = 0
    for snapshot in snapshots:
        while number + 1 < len(versions) and versions[number + 1].valid_from <= snapshot.day:
            number += 1
        version = versions[number]
        is_there = version.size_bytes is not None and version.valid_from <= snapshot.day
        is_there = is_there and (version.valid_to is None or snapshot.day < version.valid_to)
        if not is_there:
            before = None
            continue
        if (start is None or snapshot.day >= start) and (end is None or snapshot.day <= end):
            points.append(_point(snapshot.day, version, before))
        before = version
    return points


def _point(day: date, version: FolderVersion, before: FolderVersion | None) -> Point:
    now, was = _sums(version), _sums(before) if before else None
    changes = (None,) * len(now) if was is None else tuple(new - old for new, old in zip(now, was, strict=True))
    return Point(day, *now, *changes)


def _sums(version: FolderVersion) -> tuple[int, int, int, int]:
    return (
        version.size_bytes or 0,
        version.allocated_bytes or 0,
        version.file_count or 0,
        version.dir_count or 0,
    )
