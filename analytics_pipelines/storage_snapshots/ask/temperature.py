"""How much lies hot and how much cold: space by the time since the files were last read, and last changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from analytics_pipelines.foundation.sql import Sql, from_file, name, names
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen, Folder
from analytics_pipelines.storage_snapshots.ask.costs import tops_of
from analytics_pipelines.storage_snapshots.ask.distribution import Label, label_of, percent
from analytics_pipelines.storage_snapshots.tables import AGE_BANDS

HOT_DAYS, COLD_DAYS = 30, 365
WORDS = ("accessed", "modified")
UNKNOWN = AGE_BANDS[-1][0]
BANDS = tuple(band for band, _ in AGE_BANDS)
COLUMNS = tuple(
    word + "_" + band + suffix for word in WORDS for band in BANDS for suffix in ("_file_count", "_allocated_bytes")
)
LastUse = Literal["atime", "mtime"]


@dataclass(frozen=True, slots=True)
class Band:
    """Files of one age."""

    band: str
    label: Label
    files: int
    size_du: int
    size_du_pct: float | None


@dataclass(frozen=True, slots=True)
class Heat:
    """Bytes taken: `hot` under 30 days, `warm` under 365, `cold` from then on, `unknown` without a time; and bands."""

    hot: int
    warm: int
    cold: int
    unknown: int
    cold_pct: float | None
    bands: list[Band]


@dataclass(frozen=True, slots=True)
class Temperature:
    """One folder with all below it, by last read and by last change."""

    share: str
    path: str
    accessed: Heat
    modified: Heat


def temperature(
    these: Chosen, *, path: str | None, by: LastUse, limit: int
) -> tuple[list[Temperature], list[Temperature]]:
    """Each share, or the folder in each share that has it; and the folders directly in them, most cold bytes first.

    At most `limit` folders; `by` says whose cold bytes they are sorted by. Ages are measured from each snapshot's own
    time; files of several names count once in each folder. Raises `BadPath`, `UnknownPath`, `TimedOut`.
    """
    tops = tops_of(these, path)
    found = [each for top in tops for each in _read(these, top, Sql("pre"))]
    children = [each for top in tops for each in _read(these, top, name("parent_pre"))]
    children.sort(key=lambda each: (-_heat_of(each, by).cold, each.share, each.path))
    return found, children[:limit]


def heat_of(counts: Sequence[int | None], sizes: Sequence[int | None]) -> Heat:
    """Files and bytes of each band of `AGE_BANDS`, in that order, as hot, warm and cold."""
    held = [size or 0 for size in sizes]
    whole = sum(held)
    hot = sum(size for (_, days), size in zip(AGE_BANDS, held, strict=True) if days is not None and days <= HOT_DAYS)
    warm = sum(size for (_, days), size in zip(AGE_BANDS, held, strict=True) if days is not None and days <= COLD_DAYS)
    unknown = held[BANDS.index(UNKNOWN)]
    cold = whole - warm - unknown
    bands = [
        Band(band, label_of("modified_age", band), count or 0, size, percent(size, whole))
        for band, count, size in zip(BANDS, counts, held, strict=True)
    ]
    return Heat(hot, warm - hot, cold, unknown, percent(cold, whole), bands)


def _read(these: Chosen, top: Folder, position: Sql) -> list[Temperature]:
    query = from_file(__package__, "bands_of_children").fill(
        columns=names(COLUMNS),
        folders=these.folders("share", "pre", "parent_pre", "path", *COLUMNS),
        position=position,
    )
    return [_told(top.share, row) for row in these.lease.tuples(query, share=top.share, pre=top.pre)]


def _told(share: str, row: tuple[Any, ...]) -> Temperature:
    path, *values = row
    half = len(values) // len(WORDS)
    accessed, modified = (heat_of(part[::2], part[1::2]) for part in (values[:half], values[half:]))
    return Temperature(share, path, accessed, modified)


def _heat_of(each: Temperature, by: LastUse) -> Heat:
    return each.accessed if by == "atime" else each.modified
