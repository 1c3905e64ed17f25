"""The largest files, each of several names once."""

from dataclasses import dataclass
from typing import Any, Literal

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen, chosen
from analytics_pipelines.storage_snapshots.ask.files import (
    ALL,
    FILE_COLUMNS,
    MEASURES,
    FoundFile,
    after_sql,
    after_values,
    files_below,
    found_files,
    page_of,
    told_columns,
)
from analytics_pipelines.storage_snapshots.ask.pages import Key, Pages
from analytics_pipelines.storage_snapshots.hot.shapes import MOST_LARGEST

Measure = Literal["size", "allocated"]
HAS_EXTENSION = Sql("coalesce(extension, '') = $extension")
MOST_REMEMBERED = 1_001
"""Files of a first page that are kept in memory: one more than clients ask for at most by default."""
KEY = (int, str, int, int)
"""Size, share and position of the last file, and how many were given so far."""


@dataclass(frozen=True, slots=True)
class Heavy:
    """Which files are asked for; an empty `extension` means those without one."""

    by: Measure = "allocated"
    path: str | None = None
    extension: str | None = None


@dataclass(frozen=True, slots=True)
class HeavyFiles:
    """Files by `FILE_COLUMNS`, largest first, and the cursor of the next page; None after the last."""

    files: list[dict[str, Any]]
    next_cursor: str | None


def heavy_files(these: Chosen, asked: Heavy, *, limit: int, cursor: str | None = None) -> HeavyFiles:
    """The largest files of the chosen snapshots by apparent size or by space taken, ties by share and position.

    Files whose size is not known are left out. Without path and extension the first 10,000 are precomputed.
    Raises `BadPath`, `UnknownPath`, `BadCursor`, `CursorOutdated`, `TimedOut`.
    """
    pages = Pages.of(these.lease.id, {"heavy": asked, "snapshots": these.snapshots})
    key = pages.after(cursor, KEY)
    after, seen = (key[:3], key[3] or 0) if key else (None, 0)  # whoever makes cursors up may leave the number out
    found = _found(these, asked, after, seen, limit + 1)
    shown = found[:limit]
    more = pages.cursor_at((*shown[-1].key, seen + limit)) if len(found) > limit else None
    return HeavyFiles([each.told for each in shown], more)


def _found(these: Chosen, asked: Heavy, after: Key | None, seen: int, rows: int) -> list[FoundFile]:
    if these.is_hot and asked.path is None and asked.extension is None and seen + rows <= MOST_LARGEST:
        if these.is_every_share and after is None and rows <= MOST_REMEMBERED:
            what = "storage_snapshots.largest." + asked.by
            return these.lease.remembered(what, lambda lease: _remembered(lease, asked.by))[:rows]
        return _precomputed(these, asked.by, after, seen, rows)
    files = files_below(these, asked.path)
    condition, values = (ALL, {}) if asked.extension is None else (HAS_EXTENSION, {"extension": asked.extension})
    return page_of(files, measure=MEASURES[asked.by], rows=rows, condition=condition, values=values, after=after)


def _remembered(lease: Lease, by: Measure) -> list[FoundFile]:
    return _precomputed(chosen(lease), by, None, 0, MOST_REMEMBERED)


def _precomputed(these: Chosen, by: Measure, after: Key | None, seen: int, rows: int) -> list[FoundFile]:
    """The first `n` of all shares together are among the first `n` of each."""
    measure = MEASURES[by]
    query = from_file(__package__, "heavy_files").fill(
        columns=told_columns("largest"),
        largest=these.largest("measure", "rank", "pre", *FILE_COLUMNS.values()),
        measure=measure,
        after=after_sql(measure, after),
    )
    bound = {"measure": by, "most_rank": seen + rows, "rows": rows}
    return found_files(these.lease.tuples(query, **bound, **after_values(after)))
