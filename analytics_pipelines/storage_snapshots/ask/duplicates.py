"""Files that are there more than once, and the space that all but one of them take.

Names of one file (hard links) are no duplicates of each other. What the scan hashed decides: the same size and the same
hash of all bytes is `identical`. Where a hash is missing, files of the same size and the same name are `potential`
duplicates, unless hashes of their beginning or of all bytes tell them apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen, ShareSnapshot
from analytics_pipelines.storage_snapshots.ask.files import ALL, Files, files_below
from analytics_pipelines.storage_snapshots.ask.pages import Key, Pages

Level = Literal["identical", "potential"]
LEVELS: tuple[Level, ...] = ("identical", "potential")
CANDIDATES = Sql("type IN ('f', 'U') AND size_bytes >= $min_size")
OF_LEVEL = Sql("level = $level")
AFTER = Sql(
    "reclaimable < $reclaimable OR (reclaimable = $reclaimable AND"
    " (size < $size OR (size = $size AND (level > $after_level OR (level = $after_level AND hint > $hint)))))"
)
KEEP = Sql("CREATE TEMP TABLE duplicate_groups AS {query}")
KEY = (int, int, str, str)
HINTS: Mapping[Level, tuple[Sql, Sql]] = {
    "identical": (Sql("content_hash"), Sql("false")),
    "potential": (Sql("name"), Sql("files.content_hash IS NOT NULL")),
}
"""By which column a group's files are found, and whether one of those that are equal stands for all."""
Copies = dict[tuple[str, int, str], list["Copy"]]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Which groups are asked for; `level` None means both."""

    min_size: int = 1
    level: Level | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """One of the files."""

    share: str
    path: str
    mtime: datetime | None


@dataclass(frozen=True, slots=True)
class Group:
    """Files that are, or may be, the same.

    `contents` is how many of the `files` are known to differ, of which one each must stay. `reclaimable` is
    (files - contents) * size_du in bytes; `size_du` is the least that one of them takes, where they differ.
    `name` is null where they are identical, `hash` where they are not known to be. `copies` may be fewer than `files`.
    """

    level: str
    size: int
    size_du: int
    files: int
    contents: int
    reclaimable: int
    hash: str | None
    name: str | None
    copies: list[Copy]


@dataclass(frozen=True, slots=True)
class LevelTotals:
    """All groups of a level."""

    level: Level
    groups: int
    files: int
    reclaimable: int


@dataclass(frozen=True, slots=True)
class DuplicateGroups:
    """Totals of each level, a page of groups, most reclaimable first, and the next page's cursor, or None."""

    totals: list[LevelTotals]
    groups: list[Group]
    next_cursor: str | None


def duplicate_groups(
    these: Chosen, asked: Duplicates, *, limit: int, most_copies: int, cursor: str | None = None
) -> DuplicateGroups:
    """Groups of regular files of at least `min_size` bytes, of each at most `most_copies` files by share and position.

    A file is looked at under its first name that is asked about. Of files known to be identical, one of each name
    stands for all when they are compared with files without a hash, so that no byte is reclaimed twice. Raises
    `BadPath`, `UnknownPath`, `BadCursor`, `CursorOutdated`, `TimedOut`.
    """
    pages = Pages.of(these.lease.id, {"duplicates": asked, "snapshots": these.snapshots})
    after = pages.after(cursor, KEY)
    files = files_below(these, asked.path)
    once = _seen_once(files)
    with these.lease.cursor() as duck:
        _keep_groups(duck, files, once, asked)
        totals = _totals(duck)
        found = _page(duck, after, limit + 1)
        values = {**files.values, **_page_values(after, limit), "min_size": asked.min_size, "most_paths": most_copies}
        copies: Copies = {}
        for level in {row[0] for row in found[:limit]}:
            copies |= _copies(duck, level, _page_sql(after), once, values)
    shown = found[:limit]
    more = pages.cursor_at(_key_of(shown[-1])) if len(found) > limit else None
    return DuplicateGroups(totals, [_group(row, copies) for row in shown], more)


def are_overlapping(snapshots: Sequence[ShareSnapshot]) -> bool:
    """Whether one share's root lies in another's, so that both may have seen the same files."""
    roots = sorted(each.root_path.rstrip("/") + "/" for each in snapshots)
    return any(later.startswith(earlier) for earlier, later in pairwise(roots))


def _seen_once(files: Files) -> Sql:
    once = files.once(CANDIDATES)
    if not are_overlapping(files.chosen.snapshots):
        return once
    return from_file(__package__, "files_seen_once").fill(files=once)


def _keep_groups(duck: DuckDBPyConnection, files: Files, once: Sql, asked: Duplicates) -> None:
    """Keep all groups for as long as this cursor lives: totals, page and copies are read from them."""
    candidates = from_file(__package__, "duplicate_candidates").fill(files=once)
    query = from_file(__package__, "duplicate_groups").fill(
        files=once, candidates=candidates, level=OF_LEVEL if asked.level else ALL
    )
    values = {"level": asked.level} if asked.level else {}
    duck.execute(KEEP.fill(query=query).text, {**files.values, "min_size": asked.min_size, **values})


def _totals(duck: DuckDBPyConnection) -> list[LevelTotals]:
    rows = duck.execute(from_file(__package__, "duplicate_totals").text).fetchall()
    found = {level: LevelTotals(level, groups, int(files), int(bytes_)) for level, groups, files, bytes_ in rows}
    return [found.get(level) or LevelTotals(level, 0, 0, 0) for level in LEVELS]


def _page_sql(after: Key | None) -> Sql:
    return from_file(__package__, "duplicate_page").fill(after=AFTER if after else ALL)


def _page_values(after: Key | None, rows: int) -> dict[str, object]:
    names = ("reclaimable", "size", "after_level", "hint")
    return {"rows": rows} | (dict(zip(names, after, strict=True)) if after else {})


def _page(duck: DuckDBPyConnection, after: Key | None, rows: int) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = duck.execute(_page_sql(after).text, _page_values(after, rows)).fetchall()
    return found


def _copies(duck: DuckDBPyConnection, level: Level, page: Sql, once: Sql, values: Mapping[str, object]) -> Copies:
    """The files of the page's groups of that level."""
    column, is_stand_in = HINTS[level]
    query = from_file(__package__, "duplicate_members").fill(
        page=page, files=once, column=column, is_stand_in=is_stand_in
    )
    copies: Copies = {}
    for size, hint, share, path, modified_at in duck.execute(query.text, {**values, "of_level": level}).fetchall():
        copies.setdefault((level, size, hint), []).append(Copy(share, path, modified_at))
    return copies


def _key_of(row: tuple[Any, ...]) -> Key:
    level, size, hint, _, _, _, reclaimable = row
    return reclaimable, size, level, hint


def _group(row: tuple[Any, ...], copies: Copies) -> Group:
    level, size, hint, files, kept, allocated, reclaimable = row
    is_identical = level == "identical"
    return Group(
        level,
        size,
        allocated,
        files,
        kept,
        reclaimable,
        hash=hint if is_identical else None,
        name=None if is_identical else hint,
        copies=copies[level, size, hint],
    )
