"""Sheets of a walk as Arrow rows, under the column names that producers of snapshots share (`find`, `du`, `stat`)."""

import grp
import os
import pwd
import stat
from collections.abc import Callable
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from analytics_pipelines.storage_snapshots.scanner.arrays import (
    Numbers,
    coded,
    cut,
    flags,
    letters_in,
    numbers_in,
    sparse,
    texts,
    whole,
)
from analytics_pipelines.storage_snapshots.scanner.sheet import STATUS_BYTES, Sheet
from analytics_pipelines.storage_snapshots.spelling import MARK, raw_where_it_differs, readable

TIME = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    {
        "share": pa.string(),
        "snapshot_date": pa.date32(),
        "path": pa.string(),
        "path_raw": pa.binary(),
        "name": pa.string(),
        "parent_path": pa.string(),
        "type": pa.string(),
        "size": pa.int64(),
        "blocks": pa.int64(),
        "size_du": pa.int64(),
        "atime": TIME,
        "mtime": TIME,
        "ctime": TIME,
        "btime": TIME,
        "mode": pa.int32(),
        "uid": pa.int64(),
        "gid": pa.int64(),
        "owner": pa.string(),
        "group": pa.string(),
        "dev": pa.uint64(),
        "ino": pa.uint64(),
        "nlink": pa.int64(),
        "linkname": pa.string(),
        "depth": pa.int32(),
        "extension": pa.string(),
        "prefix_hash": pa.string(),
        "content_hash": pa.string(),
        "error": pa.string(),
    }
)
TEXT = pa.string()
FEW = pa.dictionary(pa.int32(), pa.string())
FEW_VALUES = ("share", "parent_path", "type", "owner", "group", "extension")
"""Columns of few distinct values, handed to Parquet as dictionaries; readers see plain text."""
WRITTEN = pa.schema([field.with_type(FEW) if field.name in FEW_VALUES else field for field in SCHEMA])
LETTERS = {
    stat.S_IFREG: "f",
    stat.S_IFDIR: "d",
    stat.S_IFLNK: "l",
    stat.S_IFBLK: "b",
    stat.S_IFCHR: "c",
    stat.S_IFIFO: "p",
    stat.S_IFSOCK: "s",
}
UNKNOWN = "U"
KINDS = 16
NUMBERS = ("size", "blocks", "ino", "uid", "gid", "nlink")
KIND_SHIFT = 12
KIND_LETTERS = [LETTERS.get(kind << KIND_SHIFT, UNKNOWN) for kind in range(KINDS)]
FOLDER_KIND = stat.S_IFDIR >> KIND_SHIFT
BLOCK_BYTES = 512
HAS_BIRTH = 0x800
EARLIEST_S, END_S = -62_135_596_800, 253_402_300_800
"""Years 1 to 9999: what a date of Python, DuckDB and Spark alike can say."""
EPOCH = date(1970, 1, 1)
SLASH, DOT = ord("/"), ord(".")
TIMES = {"atime": 64, "btime": 80, "ctime": 96, "mtime": 112}
FIELDS = {
    "mask": ("u4", 0),
    "nlink": ("u4", 16),
    "uid": ("u4", 20),
    "gid": ("u4", 24),
    "mode": ("u2", 28),
    "ino": ("u8", 32),
    "size": ("u8", 40),
    "blocks": ("u8", 48),
    "dev_major": ("u4", 136),
    "dev_minor": ("u4", 140),
} | {
    name + part: (kind, at + more)
    for name, at in TIMES.items()
    for part, kind, more in (("_s", "i8", 0), ("_ns", "u4", 8))
}
STATUS = np.dtype(
    {
        "names": list(FIELDS),
        "formats": [kind for kind, _ in FIELDS.values()],
        "offsets": [at for _, at in FIELDS.values()],
        "itemsize": STATUS_BYTES,
    }
)
Mask = npt.NDArray[np.bool_] | None


class Tabulator:
    """Turns sheets of one scan into batches of `WRITTEN`; remembers the names of owners and groups.

    `root` is the scanned folder as Python spells it; rows of other devices than `device` are left out and counted in
    `other_filesystems`, unless it is None. Times outside the years 1 to 9999 are null. `mode` holds the twelve
    permission bits. Owners and groups that the system has no name for are null, and so are hashes.
    """

    def __init__(self, share: str, day: date, root: str, device: int | None) -> None:
        self.other_filesystems = 0
        self._share = share
        self._day_number = (day - EPOCH).days
        self._root = readable(root)
        self._within = self._root.rstrip("/") + "/"
        self._device = device
        self._owners: dict[int, str | None] = {}
        self._groups: dict[int, str | None] = {}

    def batch(self, sheet: Sheet) -> pa.RecordBatch:
        """The sheet's rows, in their order."""
        statuses = np.frombuffer(sheet.statuses, STATUS)
        columns = self._places(sheet) | self._statuses(statuses)
        columns["extension"] = extensions(columns["name"], statuses["mode"] >> KIND_SHIFT == FOLDER_KIND)
        columns["linkname"] = sparse({row: readable(text) for row, text in sheet.links}, sheet.rows)
        columns["error"] = sparse(dict(sorted(sheet.errors)), sheet.rows)
        columns["share"] = coded(np.zeros(sheet.rows, np.int32), [self._share])
        columns["snapshot_date"] = whole(np.full(sheet.rows, self._day_number), pa.date32())
        for column in ("prefix_hash", "content_hash"):
            columns[column] = pa.nulls(sheet.rows, TEXT)
        batch = pa.RecordBatch.from_arrays([columns[column] for column in WRITTEN.names], schema=WRITTEN)
        return self._of_this_device(batch, statuses)

    def _of_this_device(self, batch: pa.RecordBatch, statuses: Numbers) -> pa.RecordBatch:
        """Without mounted files, as `du -x` passes over them; folders were passed over by the walk."""
        if self._device is None:
            return batch
        found = devices(statuses["dev_major"], statuses["dev_minor"])
        is_elsewhere = (found != self._device) & (statuses["mask"] != 0)
        if not is_elsewhere.any():
            return batch
        self.other_filesystems += int(is_elsewhere.sum())
        return batch.filter(flags(~is_elsewhere))

    def _places(self, sheet: Sheet) -> dict[str, pa.Array]:
        """Names and where they are."""
        numbers: dict[str | None, int] = {}
        which = [numbers.setdefault(relative, len(numbers)) for relative, _ in sheet.runs]
        folder = np.repeat(np.array(which, np.int32), [rows for _, rows in sheet.runs])
        paths = [self._path(relative) for relative in numbers]
        depths = [self._depth(relative) for relative in numbers]
        before = texts(["" if path is None or path == "/" else path for path in paths], TEXT)
        name = names(bytes(sheet.names), sheet.rows)
        path = pc.binary_join_element_wise(before.take(whole(folder, pa.int32())), name, slashes(sheet.rows))
        if None in numbers:
            path, name = self._with_root(path, name, folder == numbers[None])
        return {
            "path": path,
            "name": name,
            "path_raw": raw_paths(path),
            "parent_path": coded(folder, paths),
            "depth": whole(np.array(depths, np.int32)[folder], pa.int32()),
        }

    def _with_root(self, path: pa.Array, name: pa.Array, is_root: npt.NDArray[np.bool_]) -> tuple[pa.Array, pa.Array]:
        """The root's row comes without a name: it is called by its own path."""
        own = [self._root, self._root.rpartition("/")[2] or "/"]
        for_all = [coded(np.zeros(len(path), np.int32), [text]).cast(TEXT) for text in own]
        mask = flags(is_root)
        return pc.if_else(mask, for_all[0], path), pc.if_else(mask, for_all[1], name)

    def _path(self, relative: str | None) -> str | None:
        if not relative:
            return None if relative is None else self._root
        return self._within + (relative if relative.isascii() else readable(relative))

    @staticmethod
    def _depth(relative: str | None) -> int:
        """Of the names in the folder."""
        if not relative:
            return 0 if relative is None else 1
        return relative.count("/") + 2

    def _statuses(self, found: Numbers) -> dict[str, pa.Array]:
        """What `stat` says; all null where it could not say anything."""
        known = found["mask"] != 0
        columns = {name: whole(found[name], SCHEMA.field(name).type, known) for name in NUMBERS}
        columns["size_du"] = whole(found["blocks"] * np.uint64(BLOCK_BYTES), pa.int64(), known)
        columns["mode"] = whole(found["mode"] & 0o7777, pa.int32(), known)
        columns["type"] = coded(found["mode"] >> KIND_SHIFT, KIND_LETTERS)
        columns["dev"] = whole(devices(found["dev_major"], found["dev_minor"]), pa.uint64(), known)
        columns["owner"] = looked_up(found["uid"], known, self._owners, owner_name)
        columns["group"] = looked_up(found["gid"], known, self._groups, group_name)
        for name in ("atime", "mtime", "ctime"):
            columns[name] = times(found[name + "_s"], found[name + "_ns"], known)
        columns["btime"] = times(found["btime_s"], found["btime_ns"], (found["mask"] & HAS_BIRTH) != 0)
        return columns


def names(text: bytes, rows: int) -> pa.Array:
    """Names that each end with a slash, as text that every reader takes."""
    if MARK.encode() in text or not is_utf8(text):
        return texts([readable(os.fsdecode(name)) for name in text.split(b"/")[:-1]], TEXT)
    letters = np.frombuffer(text, np.uint8)
    is_slash = letters == SLASH
    offsets = np.zeros(rows + 1, np.int32)
    offsets[1:] = np.flatnonzero(is_slash) - np.arange(rows)
    return cut(letters[~is_slash], offsets, TEXT)


def slashes(rows: int) -> pa.Array:
    """A slash for each row."""
    return cut(np.full(rows, SLASH, np.uint8), np.arange(rows + 1, dtype=np.int32), TEXT)


def is_utf8(text: bytes) -> bool:
    """Whether the bytes are text."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def raw_paths(path: pa.Array) -> pa.Array:
    """The bytes of the paths that are not simply their text's."""
    letters, _ = letters_in(path)
    if MARK.encode() not in letters.tobytes():
        return pa.nulls(len(path), pa.binary())
    return texts([raw_where_it_differs(text) for text in path.to_pylist()], pa.binary())


def extensions(name: pa.Array, is_folder: npt.NDArray[np.bool_]) -> pa.Array:
    """What `extension` says of each name, as a dictionary column; null for folders."""
    letters, offsets = letters_in(name)
    starts, ends = offsets[:-1], offsets[1:]
    dots = np.flatnonzero(letters == DOT)
    rank = np.searchsorted(dots, offsets)
    dots_before, dots_upto = rank[:-1], rank[1:]
    last = np.concatenate(([-1], dots))[dots_upto]
    is_stem_more_than_dots = last - starts > dots_upto - dots_before - 1
    has_one = (dots_upto > dots_before) & is_stem_more_than_dots & (last + 1 < ends) & ~is_folder
    edges = np.zeros(len(letters) + 1, np.int8)
    edges[last[has_one] + 1] = 1
    edges[ends[has_one]] -= 1
    places = np.zeros(np.count_nonzero(has_one) + 1, np.int32)
    np.cumsum((ends - last - 1)[has_one], out=places[1:])
    found = cut(letters[np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)], places, TEXT)
    return in_small_letters(found.dictionary_encode(), has_one)


def in_small_letters(codes: pa.DictionaryArray, has_one: npt.NDArray[np.bool_]) -> pa.Array:
    """The column in which the rows that have one have these, in small letters."""
    small: dict[str, int] = {}
    same = [small.setdefault(text.as_py().lower(), len(small)) for text in codes.dictionary]
    numbers = np.zeros(len(has_one), np.int32)
    numbers[has_one] = np.array(same, np.int32)[numbers_in(codes.indices, "i4")]
    return coded(numbers, list(small) or [""], has_one)


def devices(major: Numbers, minor: Numbers) -> Numbers:
    """The number that Python calls `st_dev` (glibc's makedev)."""
    high, low = major.astype(np.uint64), minor.astype(np.uint64)
    number: Numbers = (
        ((high & np.uint64(0xFFFFF000)) << np.uint64(32))
        | ((high & np.uint64(0xFFF)) << np.uint64(8))
        | ((low & np.uint64(0xFFFFFF00)) << np.uint64(12))
        | (low & np.uint64(0xFF))
    )
    return number


def times(seconds: Numbers, nanoseconds: Numbers, known: npt.NDArray[np.bool_]) -> pa.Array:
    """Microseconds since 1970, rounded down; null where unknown, or where no calendar of our readers has the year."""
    is_sayable = known & (seconds >= EARLIEST_S) & (seconds < END_S)
    return whole(np.where(is_sayable, seconds, 0) * 1_000_000 + nanoseconds // 1000, TIME, is_sayable)


def looked_up(
    numbers: Numbers,
    known: npt.NDArray[np.bool_],
    names_by_number: dict[int, str | None],
    name_of: Callable[[int], str | None],
) -> pa.Array:
    """The name of each number, as a dictionary column; `names_by_number` grows by those that were new."""
    codes = whole(numbers, pa.int64()).dictionary_encode()
    wanted = numbers_in(codes.dictionary, "i8").tolist()
    names_by_number.update({number: name_of(number) for number in wanted if number not in names_by_number})
    return coded(numbers_in(codes.indices, "i4"), [names_by_number[number] for number in wanted], known)


def owner_name(uid: int) -> str | None:
    """The user's name, if the system has one."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def group_name(gid: int) -> str | None:
    """The group's name, if the system has one."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return None
