"""What was written lately, measured from the snapshot's own time: files, and how much on which day and where."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from analytics_pipelines.foundation.sql import Sql, from_file, name
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.files import (
    Files,
    FoundFile,
    days_before,
    files_below,
    folders_of,
    page_of,
)
from analytics_pipelines.storage_snapshots.ask.pages import Pages

MOST_FOLDERS = 100
IS_RECENT = Sql("modified_at > since_at")
KEY = (datetime, str, int)


@dataclass(frozen=True, slots=True)
class Recent:
    """Which files are asked for: changed in the last `days` days before their snapshot."""

    days: int = 30
    path: str | None = None


@dataclass(frozen=True, slots=True)
class DayActivity:
    """Files whose last change fell on the UTC day; `new_files` of them were made in the time asked about."""

    date: date
    files: int
    new_files: int
    size: int
    size_du: int


@dataclass(frozen=True, slots=True)
class FolderActivity:
    """Files directly in the folder that changed."""

    share: str
    path: str
    files: int
    new_files: int
    size: int
    size_du: int
    latest_mtime: datetime


@dataclass(frozen=True, slots=True)
class RecentActivity:
    """Sums of all that changed, days newest first, at most 100 folders by space; a page of files newest first.

    Files are by `FILE_COLUMNS`, with `is_new`: made in that time, or not, or None where birth times are unknown.
    """

    total_files: int
    new_files: int
    size: int
    size_du: int
    by_day: list[DayActivity]
    by_folder: list[FolderActivity]
    files: list[dict[str, Any]]
    next_cursor: str | None


def recent_activity(these: Chosen, asked: Recent, *, limit: int, cursor: str | None = None) -> RecentActivity:
    """Files changed less than so many days before their snapshot's own time, or later; ties by share and position.

    Raises `BadPath`, `UnknownPath`, `BadCursor`, `CursorOutdated`, `TimedOut`.
    """
    pages = Pages.of(these.lease.id, {"recent": asked, "snapshots": these.snapshots})
    after = pages.after(cursor, KEY)
    files = files_below(these, asked.path, days=asked.days)
    measure = name("modified_at")
    found = page_of(files, measure=measure, rows=limit + 1, condition=IS_RECENT, after=after)
    shown = found[:limit]
    days = _days(files)
    return RecentActivity(
        total_files=sum(each.files for each in days),
        new_files=sum(each.new_files for each in days),
        size=sum(each.size for each in days),
        size_du=sum(each.size_du for each in days),
        by_day=days,
        by_folder=_folders(files),
        files=[_told(each, asked.days) for each in shown],
        next_cursor=pages.cursor_at(shown[-1].key) if len(found) > limit else None,
    )


def _told(found: FoundFile, days: int) -> dict[str, Any]:
    is_new = None if found.born_at is None else found.born_at > days_before(found.taken_at, days)
    return found.told | {"is_new": is_new}


def _folders(files: Files) -> list[FolderActivity]:
    query = from_file(__package__, "recent_folders")
    filled = query.fill(files=files.once(IS_RECENT), folders=folders_of(files.chosen, "share", "pre", "path"))
    return [
        FolderActivity(share, path, count, new, int(size), int(du), latest)
        for share, path, count, new, size, du, latest in files.tuples(filled, most_folders=MOST_FOLDERS)
    ]


def _days(files: Files) -> list[DayActivity]:
    query = from_file(__package__, "recent_days").fill(files=files.once(IS_RECENT))
    return [DayActivity(day, count, new, int(size), int(du)) for day, count, new, size, du in files.tuples(query)]
