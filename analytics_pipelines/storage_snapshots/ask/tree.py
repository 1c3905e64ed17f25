"""A folder and the folders below it, nested, down to a depth: the largest of each by name, the others summed up.

One query a level, each over the folders of the level that are kept, so the work is bounded by the nodes that are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from analytics_pipelines.foundation.sql import from_file, name
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.folders import Folders, folders_of

MOST_NODES = 5_000
MOST_DEPTH = 50
COLUMNS = (
    *("file_count", "dir_count", "size_bytes", "allocated_bytes", "error_count"),
    *("own_file_count", "own_size_bytes", "own_allocated_bytes"),
)
TOLD = ("is_kept", "parent_pre", "pre", "path", "name", *COLUMNS, "folder_count", "rank")


class Measure(StrEnum):
    """What makes a folder large."""

    ALLOCATED = "size_du"
    SIZE = "size"


MEASURED = {Measure.ALLOCATED: name("allocated_bytes"), Measure.SIZE: name("size_bytes")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """Which folders a tree tells: so deep, so large by this measure, and the first so many of each folder."""

    depth: int = 2
    min_size: int = 0
    top: int = 100
    by: Measure = Measure.ALLOCATED


@dataclass(slots=True)
class Node:
    """A folder of the tree; `others` are its folders that are not told by name, None where all are."""

    share: str
    path: str
    name: str
    sums: dict[str, int]
    is_open: bool = False
    """Whether its folders are told; else it lies at the depth asked for, or the tree was full."""
    children: list["Node"] = field(default_factory=list)
    others: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree a share; `is_cut` when it would have more than `MOST_NODES` folders."""

    folders: Folders
    roots: list[Node]
    is_cut: bool


def tree(these: Chosen, path: str | None, pruning: Pruning) -> Tree:
    """The folder of each share that has it, with what is below. Raises `UnknownPath`, `TimedOut`."""
    found = folders_of(these, path, COLUMNS)
    roots, left = [], MOST_NODES
    for row in found.rows:
        root = Node(row["share"], row["path"], row["path"].rpartition("/")[2], {each: row[each] for each in COLUMNS})
        roots.append(root)
        left = _grow(these, root, (row["pre"], row["last_pre"]), pruning, left)
    return Tree(found, roots, is_cut=left <= 0)


def _grow(these: Chosen, root: Node, place: tuple[int, int], pruning: Pruning, left: int) -> int:
    """Add the levels below the root until the depth or the last of the nodes; gives how many may still be added."""
    level = {place[0]: root}
    for _ in range(pruning.depth):
        if not level or left <= 0:
            break
        rows = _rows(these, root.share, (place, sorted(level)), pruning, left)
        for node in level.values():
            node.is_open = True
        level = _hang(rows, level, root.share)
        left -= len(level)
    return left


def _rows(
    these: Chosen, share: str, where: tuple[tuple[int, int], list[int]], pruning: Pruning, left: int
) -> list[dict[str, Any]]:
    query = from_file(__package__, "tree_level").fill(
        folders=these.folders("share", "pre", "parent_pre", "path", "name", *COLUMNS), measure=MEASURED[pruning.by]
    )
    (pre, last_pre), parents = where
    rows = these.lease.tuples(
        query,
        share=share,
        pre=pre,
        last_pre=last_pre,
        parents=parents,
        top=pruning.top,
        min_size=pruning.min_size,
        left=left,
    )
    return [dict(zip(TOLD, row, strict=True)) for row in rows]


def _hang(rows: Sequence[dict[str, Any]], level: dict[int, Node], share: str) -> dict[int, Node]:
    """Put the rows below their folders; gives the folders that are new, by position."""
    new: dict[int, Node] = {}
    for row in rows:
        sums, parent = {each: row[each] for each in COLUMNS}, level[row["parent_pre"]]
        if row["is_kept"]:
            node = Node(share, row["path"], row["name"], sums)
            parent.children.append(node)
            new[row["pre"]] = node
        else:
            parent.others = sums | {"folder_count": row["folder_count"]}
    return new
