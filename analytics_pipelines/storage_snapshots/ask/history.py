"""Every version of a path: from which snapshot to which it was so, what changed at each, where it moved."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics_pipelines.foundation.errors import NotFound
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file, names
from analytics_pipelines.storage_snapshots.ask.chosen import NoSnapshots, UnknownShare, published_snapshots
from analytics_pipelines.storage_snapshots.ask.paths import normal_path, path_key
from analytics_pipelines.storage_snapshots.hot.tables import FOLDER_HISTORY, HISTORY

MOST_MOVES = 100
COMPARED = (
    *("type", "size_bytes", "allocated_bytes", "modified_at", "changed_at", "mode", "uid", "gid", "inode"),
    *("link_target", "content_hash", "file_count", "dir_count"),
)
TOLD = (
    *("share", "path", "valid_from", "valid_to", "change", "type", "size_bytes", "allocated_bytes", "modified_at"),
    *("changed_at", "mode", "uid", "gid", "owner_name", "group_name", "inode", "link_count", "link_target"),
    *("content_hash", "moved_from", "moved_to", "error"),
)
FOLDER_TOLD = (
    *("share", "path", "valid_from", "valid_to", "change", "size_bytes", "allocated_bytes", "file_count", "dir_count"),
    *("moved_from", "moved_to"),
)


class UnknownHistory(NotFound):
    """No snapshot ever had that path."""


@dataclass(frozen=True, slots=True)
class Version:
    """A path as it was from one snapshot to another, or, as `removed`, that it was away."""

    row: dict[str, Any]
    changed: list[str]
    """Columns that differ from the version before it; of a move, from the path that it moved from."""


def history(lease: Lease, path: str, share: str | None = None, *, follows_moves: bool = False) -> list[Version]:
    """All versions of the path, by share and day; with `follows_moves`, of the paths that it had before and after too.

    A version whose `valid_to` is None holds in the share's newest snapshot. Raises `BadPath`, `NoSnapshots`,
    `UnknownShare`, `UnknownHistory`, `TimedOut`.
    """
    return _versions(lease, HISTORY.name, TOLD, path, share, follows_moves=follows_moves)


def folder_history(lease: Lease, path: str, share: str | None = None, *, follows_moves: bool = False) -> list[Version]:
    """The same of a folder's sums over all below it."""
    return _versions(lease, FOLDER_HISTORY.name, FOLDER_TOLD, path, share, follows_moves=follows_moves)


def _versions(
    lease: Lease, table: str, columns: tuple[str, ...], path: str, share: str | None, *, follows_moves: bool
) -> list[Version]:
    wanted = normal_path(path)
    _must_be_known(lease, share)
    asked = _Asked(lease, table, columns)
    rows = asked.of(wanted, share)
    if not rows:
        raise UnknownHistory("No snapshot ever had the path " + wanted + ".", remedy="/api/search finds names.")
    if follows_moves:
        rows = [row for name in sorted({row["share"] for row in rows}) for row in asked.whole(wanted, name)]
    return _with_changes(rows, columns)


@dataclass(frozen=True, slots=True)
class _Asked:
    lease: Lease
    table: str
    columns: tuple[str, ...]

    def of(self, path: str, share: str | None) -> list[dict[str, Any]]:
        """The path's rows, by share and day."""
        query = from_file(__package__, "versions_of_path").fill(
            columns=names(self.columns), history=self.lease.table(self.table)
        )
        found = self.lease.tuples(query, key=path_key(path), path=path, share=share)
        return [dict(zip(self.columns, row, strict=True)) for row in found]

    def whole(self, path: str, share: str) -> list[dict[str, Any]]:
        """The path's rows with those of the same file under the names it had before and got later."""
        rows = self.of(path, share)
        before = self._back(rows[0], share) if rows[0]["moved_from"] else []
        after = self._on(rows[-1], share) if rows[-1]["moved_to"] else []
        return [*before, *rows, *after]

    def _back(self, row: dict[str, Any], share: str) -> list[dict[str, Any]]:
        """Versions that ended when this row began by a move, and so on back."""
        found: list[dict[str, Any]] = []
        for _ in range(MOST_MOVES):
            if not row["moved_from"]:
                break
            day: date = row["valid_from"]
            life = _last_life([each for each in self.of(row["moved_from"], share) if each["valid_from"] <= day])
            if not life:
                break
            found, row = life + found, life[0]
        return found

    def _on(self, row: dict[str, Any], share: str) -> list[dict[str, Any]]:
        """Versions that began when this row ended by a move, and so on."""
        found: list[dict[str, Any]] = []
        for _ in range(MOST_MOVES):
            if not row["moved_to"]:
                break
            day: date = row["valid_from"]
            life = _first_life([each for each in self.of(row["moved_to"], share) if each["valid_from"] >= day])
            if not life:
                break
            found, row = found + life, life[-1]
        return found


def _last_life(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows from the last time on that the path came to be."""
    begun = [number for number, row in enumerate(rows) if row["change"] in {"first", "added"}]
    return rows[begun[-1] :] if begun else []


def _first_life(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows up to the first time that the path ended, which is told."""
    ended = [number for number, row in enumerate(rows) if row["change"] == "removed"]
    return rows[: ended[0] + 1] if ended else rows


def _with_changes(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> list[Version]:
    compared = [column for column in COMPARED if column in columns]
    found: list[Version] = []
    lived: dict[str, dict[str, Any]] = {}
    for row in rows:
        before = lived.get(row["share"])
        is_version = row["change"] == "changed" or bool(row["moved_from"])
        changed = [key for key in compared if before and before[key] != row[key]] if is_version else []
        found.append(Version(row, changed))
        if row["change"] != "removed":
            lived[row["share"]] = row
    return found


def _must_be_known(lease: Lease, share: str | None) -> None:
    published = published_snapshots(lease)
    if not published:
        raise NoSnapshots("No snapshot is published yet.", remedy="Scan a share into SNAPSHOTS_PATH.")
    if share is not None and share not in {each.share for each in published}:
        raise UnknownShare("There is no share " + repr(share) + ".", remedy="/api/snapshots names the shares.")
