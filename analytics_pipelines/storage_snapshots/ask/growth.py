"""Which folders grew between two snapshots, share by share, and when a share is full if it goes on like that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import Sql, from_file, joined, name
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen, UnknownPath
from analytics_pipelines.storage_snapshots.ask.ends import Ends
from analytics_pipelines.storage_snapshots.ask.files import ALL, BIND, LAST_PRE
from analytics_pipelines.storage_snapshots.ask.outlook import Outlook, outlooks
from analytics_pipelines.storage_snapshots.ask.pages import Key, Pages
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES

MEASURES = {"size_du": "allocated", "size": "size", "files": "files"}
DIRECTIONS: Mapping[str, tuple[Sql, Sql, Sql]] = {
    "grown": (Sql("-change"), Sql("<"), Sql(">")),
    "shrunk": (Sql("change"), Sql(">"), Sql("<")),
}
"""What rows are sorted by, how a later row's change compares with an earlier one's, and what comes out of before."""
KEPT = Sql("NOT is_top AND {measure} {sign} {measure_before}")
TOPS = Sql("is_top")
CHANGE = Sql("({measure} - {measure_before})")
NOTHING = Sql("SELECT *, false AS is_top FROM ({folders}) AS folders WHERE false")
AFTER = Sql(
    "{change} {sign} $after_change OR ({change} = $after_change AND"
    " (share > $after_share OR (share = $after_share AND path > $after_path)))"
)
KEY = (int, str, str)
By = Literal["size_du", "size", "files"]
Order = Literal["grown", "shrunk"]


@dataclass(frozen=True, slots=True)
class Growth:
    """Which folders are asked for: below `path` or in the shares' roots, so many levels deep, by what, which way."""

    path: str | None = None
    depth: int = 1
    by: By = "size_du"
    order: Order = "grown"
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class FolderGrowth:
    """A folder before and after, with all below it; zero where it was not there."""

    share: str
    path: str
    is_new: bool
    is_gone: bool
    files_before: int
    files: int
    files_change: int
    size_before: int
    size: int
    size_change: int
    size_du_before: int
    size_du: int
    size_du_change: int


@dataclass(frozen=True, slots=True)
class ShareGrowth:
    """What is asked about in one share: the share or the folder as a whole, and the share's forecast."""

    share: str
    from_date: date
    to_date: date
    whole: FolderGrowth | None
    forecast: Outlook


@dataclass(frozen=True, slots=True)
class Grown:
    """Each share, a page of folders, most changed first, and the next page's cursor, or None."""

    shares: list[ShareGrowth]
    folders: list[FolderGrowth]
    next_cursor: str | None


def growth(both: Ends, asked: Growth, *, limit: int, cursor: str | None = None) -> Grown:
    """Folders that grew, or shrank, in the chosen measure, ties by share and path; the shares by name.

    A folder's sums hold those below it, so with a depth over 1 growth shows at each level. Raises `BadPath`,
    `UnknownPath`, `BadCursor`, `CursorOutdated`, `TimedOut`.
    """
    lease = both.later.lease
    pages = Pages.of(lease.id, {"growth": asked, "from": both.earlier.snapshots, "to": both.later.snapshots})
    after = pages.after(cursor, KEY)
    question = _question(both, asked)
    page = question.folders(_filled(KEPT, asked.by, sign=DIRECTIONS[asked.order][2]), after, limit + 1)
    wholes = {each.share: each for each in question.folders(TOPS, None, LAST_PRE)}
    shown = page[:limit]
    return Grown(
        _shares(both, wholes, asked.capacity),
        shown,
        pages.cursor_at(_key_of(shown[-1], asked.by)) if len(page) > limit else None,
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """The folders of both days, and how they are compared."""

    lease: Lease
    earlier: Sql
    later: Sql
    values: Mapping[str, object]
    by: By
    order: Order

    def folders(self, kept: Sql, after: Key | None, rows: int) -> list[FolderGrowth]:
        place, sign, _ = DIRECTIONS[self.order]
        change = _filled(CHANGE, self.by)
        query = _filled(
            from_file(__package__, "growth_folders"),
            self.by,
            later=self.later,
            earlier=self.earlier,
            kept=kept,
            after=AFTER.fill(change=change, sign=sign) if after else ALL,
            place=place,
        )
        bound = dict(zip(("after_change", "after_share", "after_path"), after or (), strict=False))
        return [_told(row) for row in self.lease.tuples(query, rows=rows, **self.values, **bound)]


def _question(both: Ends, asked: Growth) -> _Question:
    """A folder that only one of the days has is compared with nothing."""
    earlier, later = _tops(both.earlier, asked.path), _tops(both.later, asked.path)
    if not earlier and not later:
        raise UnknownPath("No folder had that path.", remedy="/api/snapshots names the shares.")
    before, values_before = _side("earlier", both.earlier, earlier, asked.depth)
    after, values_after = _side("later", both.later, later, asked.depth)
    return _Question(both.later.lease, before, after, values_before | values_after, asked.by, asked.order)


def _side(word: str, these: Chosen, tops: list[tuple[str, int, int, int]], depth: int) -> tuple[Sql, dict[str, object]]:
    values: dict[str, object] = {}
    parts = []
    for number, (share, first, last, top) in enumerate(tops):
        bound = {"share": share, "first": first, "last": last, "depth": top, "deepest": top + depth}
        values |= {word + "_" + what + "_" + str(number): value for what, value in bound.items()}
        binds = {what: BIND.fill(what=Sql(word + "_" + what), number=Sql(str(number))) for what in bound}
        parts.append(from_file(__package__, "growth_side").fill(folders=these.scan(DIRECTORIES), **binds))
    return joined(parts, " UNION ALL ") if parts else NOTHING.fill(folders=these.scan(DIRECTORIES)), values


def _tops(these: Chosen, path: str | None) -> list[tuple[str, int, int, int]]:
    if path is None:
        return [(each.share, 0, LAST_PRE, 0) for each in these.snapshots]
    try:
        return [(each.share, each.pre, each.last_pre, each.depth) for each in these.folder(path)]
    except UnknownPath:
        return []


def _filled(text: Sql, by: By, **parts: Sql) -> Sql:
    measure = MEASURES[by]
    return text.fill(measure=name(measure), measure_before=name(measure + "_before"), **parts)


def _told(row: tuple[Any, ...]) -> FolderGrowth:
    share, path, is_new, is_gone, *values, _ = row
    pairs = zip(values[::2], values[1::2], strict=True)
    return FolderGrowth(share, path, is_new, is_gone, *(each for a, b in pairs for each in (a, b, b - a)))


def _key_of(folder: FolderGrowth, by: By) -> Key:
    change = {"size_du": folder.size_du_change, "size": folder.size_change, "files": folder.files_change}[by]
    return change, folder.share, folder.path


def _shares(both: Ends, wholes: Mapping[str, FolderGrowth], capacity: int | None) -> list[ShareGrowth]:
    found = outlooks(both, capacity)
    return [
        ShareGrowth(later.share, earlier.day, later.day, wholes.get(later.share), found[later.share])
        for earlier, later in both.pairs
    ]
