"""How files are spread over sizes, ages, extensions, types, owners and groups."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from analytics_pipelines.foundation.sql import Sql, from_file, names
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen
from analytics_pipelines.storage_snapshots.ask.files import files_below
from analytics_pipelines.storage_snapshots.ask.paths import normal_path, path_key
from analytics_pipelines.storage_snapshots.tables import AGE_BANDS, DISTRIBUTION, SIZE_BINS

Dimension = Literal["size_bin", "extension", "owner", "group", "modified_age", "accessed_age", "type"]
ORDERED: dict[str, tuple[str, ...]] = {
    "size_bin": tuple(str(number) for number in SIZE_BINS),
    "modified_age": tuple(band for band, _ in AGE_BANDS),
    "accessed_age": tuple(band for band, _ in AGE_BANDS),
}
"""Dimensions of few values, which are all told, in their own order."""
SCANNED: dict[str, Sql] = {
    "type": Sql("type"),
    "owner": Sql("coalesce(owner_name, CAST(uid AS VARCHAR), '')"),
    "group": Sql("coalesce(group_name, CAST(gid AS VARCHAR), '')"),
}
"""What no folder has sums of, so that its files are read; spelt as `out_fs__distribution` spells it."""
TYPE_LABELS = {
    "f": "regular file",
    "l": "symbolic link",
    "b": "block device",
    "c": "character device",
    "p": "pipe",
    "s": "socket",
    "U": "unknown",
}
TYPES = ("share", "pre", "extension", "file_count", "size_bytes", "allocated_bytes")
UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
BITS_PER_BIN, BITS_PER_UNIT = 5, 10


class Row(NamedTuple):
    """What the files of one value hold in one share; a size is None where the folder's sums do not have it."""

    share: str
    value: str
    files: int
    size: int | None
    size_du: int | None


@dataclass(frozen=True, slots=True)
class Label:
    """A value in words, with its ends where it is a range: `from` included, `to` excluded, None where open."""

    text: str
    from_bytes: int | None = None
    to_bytes: int | None = None
    from_days: int | None = None
    to_days: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """The files of one value, and which part of all they are in percent; None where it is not known or of nothing."""

    value: str
    label: Label
    files: int
    size: int | None
    size_du: int | None
    files_pct: float | None
    size_pct: float | None
    size_du_pct: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """All files, and the largest values of the dimension; `other_values` were left out and hold what is missing."""

    share: str | None
    files: int
    size: int | None
    size_du: int | None
    values: list[Part]
    other_values: int


def distribution(these: Chosen, dimension: Dimension, path: str | None, limit: int) -> tuple[Spread, list[Spread]]:
    """The files of all chosen shares together, then of each share; below a folder where a path is given.

    Bins and bands are told in their order, empty ones too; other values by space, the first `limit` of them. Below a
    folder bins have no `size_du` and bands no `size`. Files of several names count once in each share.
    Raises `BadPath`, `UnknownPath`, `TimedOut`.
    """
    rows = rows_of(these, dimension, path)
    by_share = defaultdict(list)
    for row in rows:
        by_share[row.share].append(row)
    return spread(None, dimension, rows, limit), [
        spread(share, dimension, of_share, limit) for share, of_share in sorted(by_share.items())
    ]


def rows_of(these: Chosen, dimension: Dimension, path: str | None) -> list[Row]:
    """What `distribution` is made of, in no order."""
    if path is None:
        query = from_file(__package__, "distribution_of_shares").fill(distribution=these.scan(DISTRIBUTION))
        return _rows(these.lease.tuples(query, dimension=dimension))
    if dimension in SCANNED:
        files = files_below(these, path)
        return _rows(
            files.tuples(from_file(__package__, "files_by").fill(files=files.once(), value=SCANNED[dimension]))
        )
    if dimension == "extension":
        query = from_file(__package__, "types_below").fill(types=these.types(*TYPES))
        found = [these.lease.tuples(query, share=each.share, pre=each.pre) for each in these.folder(path)]
        return _rows(row for rows in found for row in rows)
    these.folder(path)
    return _bands(these, dimension, path)


def spread(share: str | None, dimension: str, rows: Sequence[Row], limit: int) -> Spread:
    """The rows summed by value."""
    sums = {value: total(row for row in rows if row.value == value) for value in ORDERED.get(dimension, ())}
    for value, found in grouped(rows).items():
        sums[value] = total(found)
    whole = total(rows)
    order = list(sums)
    if dimension not in ORDERED:
        order.sort(key=lambda value: (-(sums[value].size_du or 0), -sums[value].files, value))
        order = order[:limit]
    values = [_part(dimension, value, sums[value], whole) for value in order]
    return Spread(share, whole.files, whole.size, whole.size_du, values, len(sums) - len(order))


def total(rows: Iterable[Row]) -> Row:
    """The rows added up; a size that one of them lacks is None."""
    found = list(rows)
    sizes, allocated = [row.size for row in found], [row.size_du for row in found]
    return Row("", "", sum(row.files for row in found), _sum(sizes), _sum(allocated))


def grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows by value."""
    found = defaultdict(list)
    for row in rows:
        found[row.value].append(row)
    return dict(found)


def label_of(dimension: str, value: str) -> Label:
    """What a person would call the value."""
    if dimension == "size_bin":
        return _bin_label(int(value))
    if dimension in ORDERED:
        return _band_label(value)
    if dimension == "type":
        return Label(TYPE_LABELS.get(value, value))
    return Label(value or ("none" if dimension == "extension" else "unknown"))


def percent(part: int | None, whole: int | None) -> float | None:
    """The part in percent; None of nothing."""
    return 100 * part / whole if whole and part is not None else None


def _bin_label(number: int) -> Label:
    first = 1 << BITS_PER_BIN * number if number else 0
    if number == SIZE_BINS[-1]:
        return Label(_size(first) + " and more", first)
    last = 1 << BITS_PER_BIN * (number + 1)
    return Label(_size(first) + " to under " + _size(last), first, last)


def _size(size_bytes: int) -> str:
    """A power of two, in the largest unit that leaves a whole number."""
    power = max(size_bytes.bit_length() - 1, 0) // BITS_PER_UNIT
    return str(size_bytes >> BITS_PER_UNIT * power) + " " + UNITS[power]


def _band_label(band: str) -> Label:
    limits = dict(AGE_BANDS)
    if band not in limits or band == AGE_BANDS[-1][0]:
        return Label("unknown")
    before = [days for _, days in AGE_BANDS[: list(limits).index(band)] if days is not None]
    first, last = (before[-1] if before else None), limits[band]
    if first is None:
        return Label("under " + str(last) + " days", to_days=last)
    if last is None:
        return Label(str(first) + " days and more", from_days=first)
    return Label(str(first) + " to under " + str(last) + " days", from_days=first, to_days=last)


def _bands(these: Chosen, dimension: str, path: str) -> list[Row]:
    prefix, unit = ("size_bin_", "size_bytes") if dimension == "size_bin" else (dimension[:-3], "allocated_bytes")
    columns = [prefix + value + suffix for value in ORDERED[dimension] for suffix in ("_file_count", "_" + unit)]
    query = from_file(__package__, "bands_of_folder").fill(
        columns=names(columns), folders=these.folders("path_key", "path", "share", *columns)
    )
    wanted = normal_path(path)
    rows = []
    for share, *found in these.lease.tuples(query, key=path_key(wanted), path=wanted):
        for value, files, held in zip(ORDERED[dimension], found[::2], found[1::2], strict=True):
            size, allocated = (held, None) if unit == "size_bytes" else (None, held)
            rows.append(Row(share, value, files or 0, size, allocated))
    return rows


def _part(dimension: str, value: str, sums: Row, whole: Row) -> Part:
    return Part(
        value,
        label_of(dimension, value),
        sums.files,
        sums.size,
        sums.size_du,
        files_pct=percent(sums.files, whole.files),
        size_pct=percent(sums.size, whole.size),
        size_du_pct=percent(sums.size_du, whole.size_du),
    )


def _rows(found: Iterable[tuple[str, str, int, int, int]]) -> list[Row]:
    return [Row(share, value, int(files), int(size), int(allocated)) for share, value, files, size, allocated in found]


def _sum(values: Iterable[int | None]) -> int | None:
    known = []
    for value in values:
        if value is None:
            return None
        known.append(value)
    return sum(known)
