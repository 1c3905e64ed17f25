"""Whose files take how much, and what that costs; a gigabyte is 10^9 bytes, and what is paid for is space taken."""

from dataclasses import dataclass
from typing import Literal

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.foundation.sql import from_file, names
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen, Folder
from analytics_pipelines.storage_snapshots.ask.distribution import Row, grouped, percent, rows_of, total
from analytics_pipelines.storage_snapshots.ask.files import folders_of

BYTES_PER_GB = 10**9
DIGITS = 4
TOP = ("share", "path", "pre", "last_pre", "parent_pre", "depth")
CHILD = ("path", "file_count", "size_bytes", "allocated_bytes")
Payer = Literal["owner", "group", "folder", "share"]


class NoPrice(BadInput):
    """What a gigabyte costs is neither in the question nor in the settings."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one owner, group, folder or share holds; `cost` is a month's, None without a price."""

    name: str
    share: str | None
    files: int
    size: int
    size_du: int
    size_du_pct: float | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class Bill:
    """All usages together, the largest of them, and how many were left out."""

    files: int
    size: int
    size_du: int
    cost: float | None
    usages: list[Usage]
    other_usages: int


def usage_by(these: Chosen, by: Payer, *, path: str | None, price: float | None, limit: int) -> Bill:
    """Who holds how much of the chosen shares, or below the folder, most space first, ties by name and share.

    Owners and groups are one over all shares, empty where unknown; folders are those directly in `path`, by default
    in each share's root, and a file of several names counts in each that has one. Raises `BadPath`, `UnknownPath`,
    `TimedOut`.
    """
    if by == "folder":
        rows, whole = _folders(these, path)
    elif by == "share":
        rows = whole = [Row(each.share, each.share, *sums) for each, sums in _totals(these, path)]
    else:
        found = rows_of(these, by, path)
        rows = [total(same)._replace(value=value) for value, same in grouped(found).items()]
        whole = rows
    sums = total(whole)
    rows.sort(key=lambda row: (-(row.size_du or 0), row.value, row.share))
    usages = [_usage(row, sums.size_du, price) for row in rows[:limit]]
    cost = cost_of(sums.size_du or 0, price)
    return Bill(sums.files, sums.size or 0, sums.size_du or 0, cost, usages, len(rows) - len(usages))


def cost_of(size_bytes: int, price: float | None) -> float | None:
    """A month's cost of these bytes at a price for each 10^9 of them, to four digits."""
    return None if price is None else round(size_bytes / BYTES_PER_GB * price, DIGITS)


def price_or_refusal(asked: float | None, setting: float | None) -> float:
    """The price of the question, else that of the settings; raises `NoPrice`."""
    price = asked if asked is not None else setting
    if price is None:
        raise NoPrice("The price of a gigabyte is not known.", remedy="Give cost_per_gb, or set STORAGE_COST_PER_GB.")
    return price


def tops_of(these: Chosen, path: str | None) -> list[Folder]:
    """The folder in each share that has it, or each share's root; raises `BadPath`, `UnknownPath`."""
    if path is not None:
        return list(these.folder(path))
    return these.lease.rows(Folder, from_file(__package__, "share_roots").fill(folders=folders_of(these, *TOP)))


def _folders(these: Chosen, path: str | None) -> tuple[list[Row], list[Row]]:
    query = from_file(__package__, "child_folders").fill(
        columns=names(CHILD), folders=folders_of(these, "share", "pre", "parent_pre", *CHILD)
    )
    rows = []
    for top in tops_of(these, path):
        for name, files, size, allocated in these.lease.tuples(query, share=top.share, pre=top.pre):
            rows.append(Row(top.share, name, files, size, allocated))
    return rows, [Row(each.share, "", *sums) for each, sums in _totals(these, path)]


def _totals(these: Chosen, path: str | None) -> list[tuple[Folder, tuple[int, int, int]]]:
    query = from_file(__package__, "folder_sums").fill(folders=folders_of(these, "share", "pre", *CHILD))
    tops = tops_of(these, path)
    return [(top, these.lease.tuples(query, share=top.share, pre=top.pre)[0]) for top in tops]


def _usage(row: Row, whole: int | None, price: float | None) -> Usage:
    held = row.size_du or 0
    pct = percent(held, whole)
    return Usage(row.value, row.share or None, row.files, row.size or 0, held, pct, cost_of(held, price))
