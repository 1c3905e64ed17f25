"""Bodies of the doors of folders: made of what the questions give, under the contract's names."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from analytics_pipelines.storage_snapshots.ask.extensions import Extensions, OfExtension
from analytics_pipelines.storage_snapshots.ask.folders import BANDS, LISTED, Folders, Row
from analytics_pipelines.storage_snapshots.ask.tree import MOST_NODES, Node, Pruning, Tree
from analytics_pipelines.storage_snapshots.routes.models import (
    CONTRACT_NAMES,
    Entry,
    SnapshotOf,
    Sums,
    snapshots_of,
)
from analytics_pipelines.storage_snapshots.tables import AGE_BANDS, SIZE_BINS

LISTED_AT_THE_DOOR = tuple(CONTRACT_NAMES.get(column, column) for column in LISTED)
BITS_OF_A_BIN = 5


class Own(BaseModel):
    """What lies directly in the folder; its own size is among the sizes."""

    files: int
    dirs: int
    size: int
    size_du: int


class SizeBin(BaseModel):
    """Files below whose floor(log2(size) / 5) is `bin`."""

    bin: int
    from_size: int = Field(description="Least size in it, in bytes.")
    to_size: int | None = Field(description="Sizes in it are below this; null in the last.")
    files: int | None
    size: int | None


class AgeBand(BaseModel):
    """Files below that were last changed, or read, so long before the snapshot."""

    age: str
    to_days: int | None = Field(description="Days, excluded; null in `older` and `unknown`.")
    files: int | None
    size_du: int | None


class FolderSums(Sums):
    """All sums of a folder."""

    errors: int = Field(description="Entries below that could not be read whole.")
    extra_links: int = Field(description="Further names of files that are counted already.")
    own: Own
    earliest_mtime: datetime | None = Field(description="Of the files below.")
    latest_mtime: datetime | None
    earliest_atime: datetime | None
    latest_atime: datetime | None


class FolderOfShare(FolderSums):
    """The folder in one share."""

    share: str
    depth: int


class Child(Entry):
    """An entry of the folder; sizes and counts of a folder are those of all below it."""

    files: int | None = Field(description="Files below; null for what is no folder.")
    dirs: int | None = Field(description="Folders below; null for what is no folder.")
    parent_pct: float | None = Field(description="Part of the folder's space, in percent.")


class Folder(FolderSums):
    """A folder: its sums over all shares that have the path, and what lies in it."""

    path: str | None = Field(description="Null for the roots of all shares.")
    name: str | None
    snapshots: list[SnapshotOf]
    shares: list[FolderOfShare]
    size_bins: list[SizeBin] | None = Field(description="Null unless `bands=true`.")
    mtime_ages: list[AgeBand] | None
    atime_ages: list[AgeBand] | None
    children: list[Child]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next children; null on the last page.")


class OwnFiles(BaseModel):
    """Files directly in the folder."""

    files: int
    size: int
    size_du: int


class Others(Sums):
    """Folders that are not told by name; a file with names in several of them counts in each."""

    folders: int


class TreeNode(Sums):
    """A folder of a tree."""

    path: str
    name: str
    errors: int
    own: OwnFiles
    children: list["TreeNode"] | None = Field(description="Largest first; null where the depth or the tree ended.")
    others: Others | None = Field(description="Its other folders; null where all are told or none is.")


class TreeOfShare(TreeNode):
    """The folder in one share."""

    share: str


class TreeOfFolders(BaseModel):
    """A tree for each share that has the path."""

    path: str | None
    snapshots: list[SnapshotOf]
    depth: int
    is_cut: bool = Field(description="Whether there would be more than " + str(MOST_NODES) + " folders.")
    trees: list[TreeOfShare]


class TypeOf(OwnFiles):
    """Files of one extension, one of several names once."""

    extension: str = Field(description="In small letters without the dot; empty where there is none.")
    own: OwnFiles


class OtherTypes(OwnFiles):
    """The extensions past the limit."""

    extensions: int
    own: OwnFiles


class Types(BaseModel):
    """A folder's files by extension, over all shares that have the path."""

    path: str | None
    snapshots: list[SnapshotOf]
    types: list[TypeOf]
    others: OtherTypes | None = Field(description="What the limit cut off, summed up; null where nothing is.")


def folder(found: Folders, rows: list[tuple[Any, ...]], next_cursor: str | None) -> dict[str, Any]:
    """The body `Folder`."""
    total = found.total
    has_bands = BANDS[0] in total
    return {
        "path": found.path,
        "name": found.path.rpartition("/")[2] if found.path is not None else None,
        "snapshots": snapshots_of(found.snapshots),
        **_sums(total),
        "shares": [{"share": row["share"], "depth": row["depth"], **_sums(row)} for row in found.rows],
        "size_bins": [_size_bin(total, number) for number in SIZE_BINS] if has_bands else None,
        "mtime_ages": [_age(total, "modified", *band) for band in AGE_BANDS] if has_bands else None,
        "atime_ages": [_age(total, "accessed", *band) for band in AGE_BANDS] if has_bands else None,
        "children": [dict(zip(LISTED_AT_THE_DOOR, row, strict=True)) for row in rows],
        "next_cursor": next_cursor,
    }


def tree(found: Tree, pruning: Pruning) -> dict[str, Any]:
    """The body `TreeOfFolders`."""
    return {
        "path": found.folders.path,
        "snapshots": snapshots_of(found.folders.snapshots),
        "depth": pruning.depth,
        "is_cut": found.is_cut,
        "trees": [{"share": root.share, **_node(root)} for root in found.roots],
    }


def types(found: Extensions) -> dict[str, Any]:
    """The body `Types`."""
    return {
        "path": found.folders.path,
        "snapshots": snapshots_of(found.folders.snapshots),
        "types": [{"extension": each.extension, **_of_extension(each)} for each in found.told],
        "others": {"extensions": found.rest_count, **_of_extension(found.rest)} if found.rest else None,
    }


def _sums(row: Row) -> dict[str, Any]:
    return {
        "files": row["file_count"],
        "dirs": row["dir_count"],
        "size": row["size_bytes"],
        "size_du": row["allocated_bytes"],
        "errors": row["error_count"],
        "extra_links": row["extra_link_count"],
        "own": {
            "files": row["own_file_count"],
            "dirs": row["own_dir_count"],
            "size": row["own_size_bytes"],
            "size_du": row["own_allocated_bytes"],
        },
        "earliest_mtime": row["earliest_modified_at"],
        "latest_mtime": row["latest_modified_at"],
        "earliest_atime": row["earliest_accessed_at"],
        "latest_atime": row["latest_accessed_at"],
    }


def _size_bin(row: Row, number: int) -> dict[str, Any]:
    prefix = "size_bin_" + str(number)
    is_last = number == SIZE_BINS[-1]
    return {
        "bin": number,
        "from_size": 2 ** (BITS_OF_A_BIN * number) if number else 0,
        "to_size": None if is_last else 2 ** (BITS_OF_A_BIN * (number + 1)),
        "files": row[prefix + "_file_count"],
        "size": row[prefix + "_size_bytes"],
    }


def _age(row: Row, word: str, band: str, to_days: int | None) -> dict[str, Any]:
    prefix = word + "_" + band
    return {
        "age": band,
        "to_days": to_days,
        "files": row[prefix + "_file_count"],
        "size_du": row[prefix + "_allocated_bytes"],
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        "path": node.path,
        "name": node.name,
        **_four(node.sums),
        "errors": node.sums["error_count"],
        "own": {
            "files": node.sums["own_file_count"],
            "size": node.sums["own_size_bytes"],
            "size_du": node.sums["own_allocated_bytes"],
        },
        "children": [_node(each) for each in node.children] if node.is_open else None,
        "others": {"folders": node.others["folder_count"], **_four(node.others)} if node.others else None,
    }


def _four(row: Row) -> dict[str, Any]:
    return {
        "files": row["file_count"],
        "dirs": row["dir_count"],
        "size": row["size_bytes"],
        "size_du": row["allocated_bytes"],
    }


def _of_extension(each: OfExtension) -> dict[str, Any]:
    return {
        "files": each.file_count,
        "size": each.size_bytes,
        "size_du": each.allocated_bytes,
        "own": {"files": each.own_file_count, "size": each.own_size_bytes, "size_du": each.own_allocated_bytes},
    }
