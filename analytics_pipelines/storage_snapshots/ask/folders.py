"""What a folder holds: its sums, by size and by age, and what lies in it, largest first.

One folder by its key, of the newest snapshots in memory, then its listing, a contiguous range. The same path in
several shares is one question: sums are added, each share's are told beside them, and the listing has the entries of
all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from analytics_pipelines.foundation.sql import Sql, from_file, joined, literal, names
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen, ShareSnapshot, UnknownPath
from analytics_pipelines.storage_snapshots.ask.folder_index import KNOWN
from analytics_pipelines.storage_snapshots.ask.paths import path_key
from analytics_pipelines.storage_snapshots.hot.tables import CHILDREN, FOLDERS

PLACE = ("share", "path", "pre", "last_pre", "depth")
SUMS = tuple(each for each in FOLDERS.column_names if each.endswith(("_count", "_bytes")))
TIMES = tuple(each for each in FOLDERS.column_names if each.endswith("_at") and not each.startswith("own_"))
BANDS = tuple(each for each in SUMS if each.startswith(("size_bin_", "modified_", "accessed_")))
WITHOUT_BANDS = tuple(each for each in SUMS + TIMES if each not in {*BANDS, "file_size_bytes"})
"""Three quarters of the columns, and so of a lookup's time, are bands."""
LISTED = (
    *("share", "path", "name", "type", "size_bytes", "allocated_bytes", "file_count", "dir_count", "parent_pct"),
    *("modified_at", "accessed_at", "changed_at", "owner_name", "group_name", "uid", "gid", "mode", "inode"),
    *("link_count", "link_target", "extension", "depth", "error"),
)
"""Columns of a listing, in order; of a folder sizes and counts are those of all below it."""
FOUND = (
    *("place", "pre", "name", "type", "size_bytes", "allocated_bytes"),
    *("total_size_bytes", "total_allocated_bytes", "total_file_count", "total_dir_count"),
    *("modified_at", "accessed_at", "changed_at", "owner_name", "group_name", "uid", "gid", "mode", "inode"),
    *("link_count", "link_target", "extension", "error"),
)
"""Columns of `sql/listed.sql`; the others follow from the folder."""
READ = (*FOUND[1:], "parent_pre")
SORTED_HERE = 500
"""Listings up to about this length are sorted here, since DuckDB plans longer for an order than it takes."""
ROOT_PARENT = -1
Row = dict[str, Any]


class Sort(StrEnum):
    """What a listing goes by."""

    ALLOCATED = "size_du"
    SIZE = "size"
    FILES = "files"
    NAME = "name"
    TYPE = "type"
    MODIFIED = "mtime"
    ACCESSED = "atime"


class Order(StrEnum):
    """Which way it goes."""

    ASCENDING = "asc"
    DESCENDING = "desc"


SORTED_BY: Mapping[Sort, tuple[str, ...]] = {
    Sort.ALLOCATED: ("total_allocated_bytes", "allocated_bytes"),
    Sort.SIZE: ("total_size_bytes", "size_bytes"),
    Sort.FILES: ("total_file_count",),
    Sort.NAME: ("name",),
    Sort.TYPE: ("type",),
    Sort.MODIFIED: ("modified_at",),
    Sort.ACCESSED: ("accessed_at",),
}
"""Columns of which the first that is not null counts."""
DIRECTIONS: Mapping[Order, Sql] = {Order.ASCENDING: Sql("ASC"), Order.DESCENDING: Sql("DESC")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which rows of a listing, and in which order; ties go by share and path."""

    sort: Sort = Sort.ALLOCATED
    order: Order = Order.DESCENDING
    limit: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Folders:
    """The folder of one path in each share that has it; path None stands for the roots of all shares."""

    path: str | None
    rows: tuple[Row, ...]
    snapshots: tuple[ShareSnapshot, ...]

    @property
    def total(self) -> Row:
        """The sums of all shares, and the earliest and latest of their times."""
        whole = {each: _added(row[each] for row in self.rows) for each in self.rows[0] if _is_sum(each)}
        return whole | {each: _outer(each, [row[each] for row in self.rows]) for each in TIMES if each in self.rows[0]}


def folders_of(these: Chosen, path: str | None, columns: Iterable[str] = WITHOUT_BANDS) -> Folders:
    """The folder's sums in each share that has it, by the names of `hot.tables.FOLDERS`.

    Without a path, those of the root of each share. Raises `UnknownPath`, `TimedOut`.
    """
    wanted = (*PLACE, *columns)
    index = these.index if KNOWN.issuperset(wanted) else None
    if index is not None:
        rows = tuple(index.rows(path, {each.share for each in these.snapshots}, wanted))
    else:
        rows = _rows_of(these, path, wanted)
    if not rows:
        raise _unknown(these, path)
    shares = {row["share"] for row in rows}
    return Folders(path, rows, tuple(each for each in these.snapshots if each.share in shares))


def _rows_of(these: Chosen, path: str | None, wanted: tuple[str, ...]) -> tuple[Row, ...]:
    keyed = wanted if path is None else ("path_key", *wanted)
    meant = Sql("pre = 0") if path is None else Sql("path_key = $key AND path = $path")
    values: dict[str, object] = {} if path is None else {"key": path_key(path), "path": path}
    is_whole = these.is_hot and these.is_every_share
    source = these.lease.table(FOLDERS.name) if is_whole else Sql("({rows})").fill(rows=these.folders(*keyed))
    query = from_file(__package__, "sums_of_folder").fill(columns=names(wanted), folders=source, is_meant=meant)
    return tuple(dict(zip(wanted, row, strict=True)) for row in sorted(these.lease.tuples(query, **values)))


def listing(these: Chosen, folders: Folders, page: Page) -> list[tuple[Any, ...]]:
    """What lies in the folder, in the columns of `LISTED`; `parent_pct` is the part of the folder's space.

    Of the roots, the roots themselves. Times are UTC, naive or not. Raises `TimedOut`.
    """
    values: dict[str, object] = {}
    branches = []
    for place, row in enumerate(folders.rows):
        parent_pre = ROOT_PARENT if folders.path is None else row["pre"]
        if these.is_hot:
            branches.append(_hot_branch(these, place, row["share"], parent_pre))
            continue
        branches.append(_branch(these, place))
        bound = {"parent_pre": parent_pre, "share": row["share"], "pre": row["pre"], "last_pre": row["last_pre"]}
        values |= {key + "_" + str(place): value for key, value in bound.items()}
    listed = joined(branches, " UNION ALL ")
    if sum(_longest(row) for row in folders.rows) <= SORTED_HERE:
        rows = these.lease.few(listed) if these.is_hot else these.lease.tuples(listed, **values)
        found = _sorted(rows, page)[page.offset : page.offset + page.limit]
    else:
        order = Sql("coalesce({columns}) {direction} NULLS LAST").fill(
            columns=names(SORTED_BY[page.sort]), direction=DIRECTIONS[page.order]
        )
        query = from_file(__package__, "listing").fill(listed=listed, order=order)
        found = these.lease.tuples(query, **values, limit=page.limit, offset=page.offset)
    whole = sum(row["allocated_bytes"] or 0 for row in folders.rows)
    return [_told(folders, row, whole) for row in found]


def is_alone(these: Chosen) -> bool:
    """Whether hot tables hold one share and nothing else, so that a position alone finds a row."""
    return these.is_hot and these.is_every_share and len(these.snapshots) == 1


def of_share(these: Chosen, share: str) -> Sql:
    """The condition that hot rows are of the share; none where they are of no other."""
    return Sql("true") if is_alone(these) else Sql("share = {share}").fill(share=literal(share))


def _hot_branch(these: Chosen, place: int, share: str, parent_pre: int) -> Sql:
    """The part of a listing that one share has; values are written out, since each bound one is planned twice."""
    return from_file(__package__, "listed").fill(
        children=these.lease.table(CHILDREN.name),
        place=Sql(str(place)),
        parent_pre=Sql(str(parent_pre)),
        of_share=of_share(these, share),
    )


def _branch(these: Chosen, place: int) -> Sql:
    """The part of a listing that one share has, its values bound under names of its own."""
    number = Sql(str(place))
    return from_file(__package__, "listed").fill(
        children=Sql("({rows})").fill(rows=these.children("share", *READ)),
        place=number,
        parent_pre=Sql("$parent_pre_{n}").fill(n=number),
        of_share=Sql("share = $share_{n} AND pre BETWEEN $pre_{n} AND $last_pre_{n}").fill(n=number),
    )


def _longest(row: Row) -> int:
    """No listing of the folder has more rows, but for further names of files that are counted already."""
    below, own = int(row["last_pre"] - row["pre"]), int(row["own_file_count"] + row["own_dir_count"])
    return min(below, own)


def _sorted(rows: list[tuple[Any, ...]], page: Page) -> list[tuple[Any, ...]]:
    """The rows in the page's order as `sql/listing.sql` has it, what is not known last."""
    rows.sort(key=lambda row: row[:2])
    first, last = (FOUND.index(SORTED_BY[page.sort][place]) for place in (0, -1))

    def value(row: tuple[Any, ...]) -> Any:
        return row[last] if row[first] is None else row[first]

    known = [row for row in rows if value(row) is not None]
    known.sort(key=value, reverse=page.order == Order.DESCENDING)
    return known + [row for row in rows if value(row) is None]


def _told(folders: Folders, row: tuple[Any, ...], whole: int) -> tuple[Any, ...]:
    place, _, name_of, kind, size, space, all_size, all_space, files, dirs, *rest, error = row
    size, space = (size if all_size is None else all_size), (space if all_space is None else all_space)
    folder = folders.rows[place]
    if folders.path is None:
        path, depth = folder["path"], folder["depth"]
    else:
        path, depth, whole = folder["path"].rstrip("/") + "/" + name_of, folder["depth"] + 1, folder["allocated_bytes"]
    part = round(100 * space / whole, 2) if whole and space is not None else None
    return (folder["share"], path, name_of, kind, size, space, files, dirs, part, *rest, depth, error)


def _unknown(these: Chosen, path: str | None) -> UnknownPath:
    roots = ", ".join(sorted({each.root_path for each in these.snapshots})[:5])
    return UnknownPath(
        "No folder has the path " + (path or "/") + " in these snapshots.",
        remedy="The shares begin at " + roots + "; ?path= names a folder whatever its name.",
    )


def _is_sum(column: str) -> bool:
    return column.endswith(("_count", "_bytes"))


def _added(parts: Iterable[int | None]) -> int | None:
    """The sum of what is known; None where nothing is, as of a day whose bands were never computed."""
    known = [each for each in parts if each is not None]
    return sum(known) if known else None


def _outer(column: str, times: Sequence[Any]) -> Any:
    known = [each for each in times if each is not None]
    return (min if column.startswith("earliest") else max)(known, default=None)
