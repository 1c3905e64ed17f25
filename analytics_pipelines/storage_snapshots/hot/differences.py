"""What differs from one snapshot to another, typed by kind and weighed, out of the lake's changes.

Each function takes and gives SELECTs, whatever the snapshots: the newest ones' rows are kept hot, others' are made when
asked for.
"""

from dataclasses import dataclass
from enum import StrEnum

from analytics_pipelines.foundation.sql import Sql, chained, columns_of, from_file, joined, name
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.storage_snapshots.tables import CHANGES, DIRECTORY_CHANGES

NUMBERS = ("size_bytes", "allocated_bytes", "file_count", "dir_count")
ANYWHERE = Sql("true")


class ChangeKind(StrEnum):
    """What became of a path; a change of size decides before a change of anything else."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    GROWN = "grown"
    SHRUNK = "shrunk"
    CHANGED = "changed"


class ComparedLevel(StrEnum):
    """What the rows are: files (and folders that came, went or moved), or folders with all below them."""

    FILES = "files"
    DIRECTORIES = "directories"


@dataclass(frozen=True, slots=True)
class Level:
    """What is compared: the table, what is told of each row, and what makes a difference after several steps."""

    table: Table
    told: tuple[str, ...]
    keys: tuple[str, ...]
    is_folder: str


FILES = Level(
    CHANGES,
    told=("type", "size_bytes", "allocated_bytes", "modified_at"),
    keys=(
        *("type", "size_bytes", "allocated_bytes", "modified_at", "changed_at", "mode", "uid", "gid", "inode"),
        *("link_target", "content_hash"),
    ),
    is_folder="coalesce(type, before_type) = 'd'",
)
FOLDERS = Level(
    DIRECTORY_CHANGES,
    told=("size_bytes", "allocated_bytes", "file_count", "dir_count"),
    keys=("file_count", "dir_count", "size_bytes", "allocated_bytes"),
    is_folder="true",
)


def net_step(level: Level, changes: Sql, within: Sql, below: Sql = ANYWHERE) -> Sql:
    """Rows of one step as they stand in the changes: what is told of each path, before and after."""
    return _filled(
        "net_step",
        changes=changes,
        within=within,
        below=below,
        is_folder=Sql(level.is_folder),
        after=joined(known("", column) for column in level.told),
        before=joined(known("", "before_" + column) for column in level.told),
    )


def kinds_of(level: Level, net: Sql) -> Sql:
    """One row a path: share, path, name, parent_path, depth, is_folder, kind, moved_from, and what is told of both."""
    chosen_before = Sql("CASE WHEN gone.path IS NULL THEN net.{column} ELSE gone.{column} END AS {column}")
    before = joined(chosen_before.fill(column=name("before_" + column)) for column in level.told)
    return chained({"net": net}, _filled("compare_kinds", after=columns_of("net", level.told), before=before))


def differences(level: ComparedLevel, files: Sql, folders: Sql) -> Sql:
    """The rows that are told, out of both levels' kinds: columns of `hot.tables.DIFFERENCES` but level and rank.

    A row is shown unless a folder above it tells the same; of the level of folders, `files` is not read.
    """
    if level is ComparedLevel.FILES:
        steps = {"kinds": files, "folders": folders, "listed": _filled("differing_files")}
    else:
        steps = {"folders": folders, "listed": _filled("differing_folders")}
    return chained(steps, _filled("differences"))


def known(table: str, column: str) -> Sql:
    """A column; a number that is not known counts as none, as in the sums."""
    is_number = column.removeprefix("before_") in NUMBERS
    text = Sql("coalesce({table}{column}, 0) AS {column}") if is_number else Sql("{table}{column} AS {column}")
    return text.fill(table=Sql(table), column=name(column))


def _filled(query: str, **parts: Sql) -> Sql:
    return from_file(__package__, query).fill(**parts)
