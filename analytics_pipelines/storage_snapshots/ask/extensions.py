"""What a folder holds by extension, over all below it and directly in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from operator import add
from typing import Any

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import Sql, from_file, joined
from analytics_pipelines.storage_snapshots.ask import folder_index, type_index
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.folders import Folders, Order, Row, folders_of, of_share
from analytics_pipelines.storage_snapshots.ask.type_index import COLUMNS
from analytics_pipelines.storage_snapshots.hot.tables import TYPES


class By(StrEnum):
    """What the extensions go by."""

    ALLOCATED = "size_du"
    SIZE = "size"
    FILES = "files"
    EXTENSION = "extension"


SORTED_BY = {
    By.ALLOCATED: "allocated_bytes",
    By.SIZE: "size_bytes",
    By.FILES: "file_count",
    By.EXTENSION: "extension",
}


@dataclass(frozen=True, slots=True)
class OfExtension:
    """Files of one extension (empty: without one), one of several names once; `own_…` directly in the folder."""

    extension: str
    file_count: int
    size_bytes: int
    allocated_bytes: int
    own_file_count: int
    own_size_bytes: int
    own_allocated_bytes: int


@dataclass(frozen=True, slots=True)
class Extensions:
    """The extensions of a folder, first the largest, and what the rest of them hold together."""

    folders: Folders
    told: list[OfExtension]
    rest_count: int
    rest: OfExtension | None


def extensions(
    these: Chosen, path: str | None, limit: int, sort: By = By.ALLOCATED, order: Order = Order.DESCENDING
) -> Extensions:
    """The extensions of the folder in all shares that have it; ties go by extension.

    Raises `UnknownPath`, `TimedOut`.
    """
    found = folders_of(these, path, ())
    rows = _added(_rows_of(these, found))
    rows.sort(key=lambda row: row.extension)
    rows.sort(key=lambda row: getattr(row, SORTED_BY[sort]), reverse=order == Order.DESCENDING)
    return Extensions(found, rows[:limit], len(rows[limit:]), _summed(rows[limit:]))


def is_at_hand(lease: Lease) -> bool:
    """Whether those of newest snapshots are in memory, so that no query need be waited for."""
    return all(lease.recalled(each) is not None for each in (folder_index.REMEMBERED, type_index.REMEMBERED))


def _rows_of(these: Chosen, found: Folders) -> list[tuple[Any, ...]]:
    index = type_index.type_index(these.lease) if these.is_hot else None
    if index is not None:
        return [each for row in found.rows for each in index.rows(row["share"], row["pre"])]
    branches = joined((_branch(these, row) for row in found.rows), " UNION ALL ")
    return these.lease.few(branches) if these.is_hot else these.lease.tuples(branches)


def _branch(these: Chosen, row: Row) -> Sql:
    """The extensions of the folder in one share; values are written out, since bound ones are planned twice."""
    older = Sql("({rows})")
    return from_file(__package__, "extensions_of").fill(
        types=these.lease.table(TYPES.name)
        if these.is_hot
        else older.fill(rows=these.types("share", "pre", "extension", *COLUMNS)),
        pre=Sql(str(row["pre"])),
        of_share=of_share(these, row["share"]),
    )


def _added(rows: Iterable[tuple[Any, ...]]) -> list[OfExtension]:
    """One row an extension, over all shares."""
    sums: dict[str, tuple[int, ...]] = {}
    for extension, *counts in rows:
        before = sums.get(extension)
        sums[extension] = tuple(map(add, before, counts)) if before else tuple(counts)
    return [OfExtension(extension, *counts) for extension, counts in sums.items()]


def _summed(rows: list[OfExtension]) -> OfExtension | None:
    if not rows:
        return None
    return OfExtension("", *(sum(getattr(row, column) for row in rows) for column in COLUMNS))
