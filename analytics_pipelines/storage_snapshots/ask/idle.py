"""Files that nobody used for long, measured from the snapshot's own time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.files import MEASURES, Files, FoundFile, files_below, page_of
from analytics_pipelines.storage_snapshots.ask.heavy import Measure
from analytics_pipelines.storage_snapshots.ask.pages import Pages

LastUse = Literal["both", "atime", "mtime"]
LAST_USED: Mapping[LastUse, Sql] = {
    "both": Sql(
        "CASE WHEN accessed_at IS NULL OR modified_at IS NULL THEN NULL ELSE greatest(accessed_at, modified_at) END"
    ),
    "atime": Sql("accessed_at"),
    "mtime": Sql("modified_at"),
}
"""Last use by the later of read and change, by read, by change; unknown where what it goes by is unknown."""
IS_IDLE = Sql("({last_used}) <= since_at")
KEY = (int, str, int)


@dataclass(frozen=True, slots=True)
class Idle:
    """Which files are asked for: not used in the last `days` days before their snapshot."""

    days: int = 365
    by: LastUse = "both"
    sort: Measure = "allocated"
    path: str | None = None


@dataclass(frozen=True, slots=True)
class IdleTotals:
    """All files that are idle, and how many can not be judged because a time is unknown; sizes in bytes."""

    files: int
    size: int
    size_du: int
    size_du_pct: float | None
    unknown_files: int
    unknown_size_du: int


@dataclass(frozen=True, slots=True)
class IdleFiles:
    """Files by `FILE_COLUMNS` with `last_used_at` and `idle_days`, largest first; the next page's cursor, or None."""

    totals: IdleTotals
    files: list[dict[str, Any]]
    next_cursor: str | None


def idle_files(these: Chosen, asked: Idle, *, limit: int, cursor: str | None = None) -> IdleFiles:
    """Files whose last use lies so many days or more before their snapshot's own time, ties by share and position.

    Files with an unknown time are never among them, and those of unknown size in the totals only. Raises
    `BadPath`, `UnknownPath`, `BadCursor`, `CursorOutdated`, `TimedOut`.
    """
    pages = Pages.of(these.lease.id, {"idle": asked, "snapshots": these.snapshots})
    after = pages.after(cursor, KEY)
    files = files_below(these, asked.path, days=asked.days)
    is_idle = IS_IDLE.fill(last_used=LAST_USED[asked.by])
    found = page_of(files, measure=MEASURES[asked.sort], rows=limit + 1, condition=is_idle, after=after)
    shown = found[:limit]
    more = pages.cursor_at(shown[-1].key) if len(found) > limit else None
    return IdleFiles(_totals(files, asked.by, is_idle), [_told(each, asked.by) for each in shown], more)


def _totals(files: Files, by: LastUse, is_idle: Sql) -> IdleTotals:
    query = from_file(__package__, "idle_totals").fill(idle=is_idle, last_used=LAST_USED[by], files=files.once())
    ((_, idle, size, idle_du, all_du, unknown, unknown_du),) = files.tuples(query)
    share = 100 * int(idle_du) / int(all_du) if all_du else None
    return IdleTotals(idle, int(size), int(idle_du), share, unknown, int(unknown_du))


def _told(found: FoundFile, by: LastUse) -> dict[str, Any]:
    used_at = last_used_at(found.told, by)
    return found.told | {"last_used_at": used_at, "idle_days": (found.taken_at - used_at).days}


def last_used_at(told: Mapping[str, Any], by: LastUse) -> datetime:
    """The later of atime and mtime, or the one of them."""
    later: datetime = max(told["atime"], told["mtime"]) if by == "both" else told[by]
    return later
