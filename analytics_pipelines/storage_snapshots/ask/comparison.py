"""What differs between two snapshots: how much of each kind, and which files or folders, the weightiest first."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from analytics_pipelines.foundation.sql import Sql, from_file, joined, literal
from analytics_pipelines.storage_snapshots.ask import differing
from analytics_pipelines.storage_snapshots.ask.between import Between, Span
from analytics_pipelines.storage_snapshots.ask.chosen import ShareSnapshot
from analytics_pipelines.storage_snapshots.ask.lately import Lately
from analytics_pipelines.storage_snapshots.ask.pages import Pages
from analytics_pipelines.storage_snapshots.ask.paths import path_key
from analytics_pipelines.storage_snapshots.hot.differences import ChangeKind, ComparedLevel
from analytics_pipelines.storage_snapshots.hot.tables import FOLDER_HISTORY

__all__ = ["Asked", "ChangeKind", "ComparedLevel", "ComparedOrder", "Comparison", "compare"]


class ComparedOrder(StrEnum):
    """The weightiest first (space that came, went, or makes the difference), or by share and path."""

    WEIGHT = "-size"
    PATH = "path"


ORDERS = {
    ComparedOrder.WEIGHT: (Sql("weight DESC, share, path"), ("weight", "share", "path"), (int, str, str)),
    ComparedOrder.PATH: (Sql("share, path"), ("share", "path"), (str, str)),
}
LAST = {
    ComparedOrder.WEIGHT: ("last_weight", "last_share", "last_path"),
    ComparedOrder.PATH: ("last_share", "last_path"),
}
SLASHES = "length(path) - length(replace(path, '/', ''))"
AFTER = {
    ComparedOrder.WEIGHT: Sql(
        "weight < $last_weight OR (weight = $last_weight AND (share, path) > ($last_share, $last_path))"
    ),
    ComparedOrder.PATH: Sql("(share, path) > ($last_share, $last_path)"),
}
TOLD_ROW = (
    *("share", "path", "kind", "type", "size", "size_before", "size_du", "size_du_before", "files", "files_before"),
    *("dirs", "dirs_before", "mtime", "mtime_before", "moved_from"),
)
SUMS = ("files", "dirs", "size", "size_du")
ORDERED = Sql("{page} ORDER BY {order} LIMIT $limit")
ENDS = Sql("{page} LIMIT $limit")
"""Of rows that lie in their order: without sorting, DuckDB ends early, at a third of the cost."""
MOST_KEPT_SUMS = 128
Sums: TypeAlias = tuple[list[dict[str, Any]], dict[str, dict[str, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which of the differences are told, and how."""

    path: str | None = None
    kinds: tuple[ChangeKind, ...] = ()
    level: ComparedLevel = ComparedLevel.FILES
    min_size: int = 0
    depth: int | None = None
    shows_new_dirs: bool = True
    """One row for a folder that came, went or moved, instead of all that is in it."""
    order: ComparedOrder = ComparedOrder.WEIGHT
    limit: int = 1000
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sums of each kind, totals before and after, one page of rows."""

    summary: list[dict[str, Any]]
    totals: dict[str, dict[str, int]]
    rows: list[dict[str, Any]]
    next_cursor: str | None


def compare(these: Between, asked: Asked) -> Comparison:
    """The differences between the snapshots of each span.

    `totals` are the two snapshots' own sums, `du`'s. What the kinds do not explain of their difference is told as
    `unexplained`: names of one file that count once there and each for itself here, and folders that could not be read.
    Raises `BadCursor`, `CursorOutdated`, `TimedOut`.
    """
    summary, totals = _sums(these, asked.path)
    rows, cursor = _page(these, asked)
    return Comparison(summary, totals, rows, cursor)


def _sums(these: Between, path: str | None) -> Sums:
    """What every page tells of the whole: made once a lease for the pairs asked for lately."""

    def made() -> Sums:
        summary = differing.summary(these, path)
        return summary, _totals(these, path, summary)

    lately = these.lease.remembered("storage_snapshots.compared_sums", lambda _: Lately[Sums](MOST_KEPT_SUMS))
    return lately.of((differing.spans_of(these), path), made)


def _page(these: Between, asked: Asked) -> tuple[list[dict[str, Any]], str | None]:
    """One page of rows, and the cursor of the next where there is one."""
    order, key, types = ORDERS[asked.order]
    pages = Pages.of(these.lease.id, _question(these, asked))
    last = pages.after(asked.cursor, types)
    page = from_file(__package__, "compare_page")
    kept = joined(_kept(asked), " AND ")
    after = AFTER[asked.order] if last else Sql("true")
    values = dict(zip(LAST[asked.order], last or (), strict=False))
    values |= {"min_size": asked.min_size, "limit": asked.limit + 1}
    values |= {} if asked.depth is None else {"deepest": asked.depth + _slashes(asked.path)}
    found = differing.rows(
        *(these, asked.level, asked.path),
        lambda rows, is_sorted: (ENDS if is_sorted and asked.order is ComparedOrder.WEIGHT else ORDERED).fill(
            page=page.fill(differences=rows, kept=kept, after=after), order=order
        ),
        values,
    )
    rows = [dict(zip(TOLD_ROW, row, strict=False)) for row in found[: asked.limit]]
    if len(found) <= asked.limit:
        return rows, None
    share, path, weight = found[asked.limit - 1][0], found[asked.limit - 1][1], found[asked.limit - 1][-1]
    end = {"weight": weight, "share": share, "path": path}
    return rows, pages.cursor_at(tuple(end[each] for each in key))


def _kept(asked: Asked) -> Iterable[Sql]:
    yield Sql("true")
    if asked.shows_new_dirs:
        yield Sql("is_shown")
    elif asked.level is ComparedLevel.FILES:
        yield Sql("NOT is_folder")
    if asked.kinds:
        yield Sql("kind IN ({kinds})").fill(kinds=joined(literal(kind) for kind in asked.kinds))
    if asked.depth is not None:
        yield Sql("depth <= $deepest" if asked.path is None else SLASHES + " <= $deepest")


def _question(these: Between, asked: Asked) -> Mapping[str, object]:
    """All that decides which rows there are, in which order."""
    told = {name: value for name, value in asdict(asked).items() if name not in {"limit", "cursor"}}
    return told | {"spans": [[span.share, span.first.day, span.last.day] for span in these.spans]}


def _totals(these: Between, path: str | None, summary: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """The snapshots' own sums of the folder asked for, or of the roots."""
    paths = {path} if path else {each.root_path for span in these.spans for each in (span.first, span.last)}
    query = from_file(__package__, "folder_versions").fill(history=these.lease.table(FOLDER_HISTORY.name))
    versions = these.lease.tuples(query, keys=[path_key(each) for each in paths])
    before, after = dict.fromkeys(SUMS, 0), dict.fromkeys(SUMS, 0)
    for span in these.spans:
        for side, sums in ((span.first, before), (span.last, after)):
            for number, value in zip(SUMS, _sums_at(versions, span, side, path or side.root_path), strict=True):
                sums[number] += value
    change = {each: after[each] - before[each] for each in SUMS}
    told = {each: sum(kind[each] - kind[each + "_before"] for kind in summary) for each in ("size", "size_du")}
    unexplained = {each: change[each] - told[each] for each in told}
    return {"before": before, "after": after, "change": change, "unexplained": unexplained}


def _sums_at(versions: list[tuple[Any, ...]], span: Span, side: ShareSnapshot, path: str) -> tuple[int, ...]:
    """The folder's sums in that snapshot; nothing where it was not there."""
    for share, found, valid_from, valid_to, *sums in versions:
        is_valid = valid_from <= side.day and (valid_to is None or side.day < valid_to)
        if (share, found) == (span.share, path) and is_valid and None not in sums:
            return tuple(sums)
    return (0,) * len(SUMS)


def _slashes(path: str | None) -> int:
    return 0 if path is None else path.rstrip("/").count("/")
