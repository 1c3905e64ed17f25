"""Entries as Arrow rows, under the column names that producers of snapshots share (`find`, `du` and `stat` terms)."""

import grp
import pwd
import stat
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from analytics_pipelines.storage_snapshots.spelling import extension
from analytics_pipelines.storage_snapshots.walk import Entry

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
        "error": pa.string(),
    }
)
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
BLOCK_BYTES = 512
NUMBERS = {"size": "st_size", "blocks": "st_blocks", "uid": "st_uid", "gid": "st_gid"} | {
    "dev": "st_dev",
    "ino": "st_ino",
    "nlink": "st_nlink",
}
TIMES = {"atime": "st_atime_ns", "mtime": "st_mtime_ns", "ctime": "st_ctime_ns"}
FIELDS = ("path", "path_raw", "name", "parent_path", "depth", "linkname", "error")
EARLIEST_US, LATEST_US = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Years 1 to 9999: what a date of Python, DuckDB and Spark alike can say."""


class Unread:
    """Stands for the status of a name that could not be read: every number is unknown."""

    st_mode = st_size = st_blocks = st_uid = st_gid = st_dev = st_ino = st_nlink = None
    st_atime_ns = st_mtime_ns = st_ctime_ns = None


UNREAD = Unread()


class Tabulator:
    """Turns entries of one snapshot into batches; remembers the names of owners and groups.

    The time of birth stays null, since Python's `stat` does not tell it on Linux. Times outside the years 1 to 9999
    are null. `mode` holds the twelve permission bits. Owners and groups that the system has no name for are null.
    """

    def __init__(self, share: str, day: date) -> None:
        self._share = share
        self._day = day
        self._owners: dict[int | None, str | None] = {None: None}
        self._groups: dict[int | None, str | None] = {None: None}

    def batch(self, entries: Sequence[Entry]) -> pa.RecordBatch:
        """The entries as rows of `SCHEMA`, in their order."""
        statuses = [entry.status or UNREAD for entry in entries]
        columns = {field: list(map(attrgetter(field), entries)) for field in FIELDS}
        columns |= {column: list(map(attrgetter(source), statuses)) for column, source in NUMBERS.items()}
        columns |= {column: times(map(attrgetter(source), statuses)) for column, source in TIMES.items()}
        modes = list(map(attrgetter("st_mode"), statuses))
        columns["type"] = letters(modes)
        columns["mode"] = [None if mode is None else stat.S_IMODE(mode) for mode in modes]
        columns["owner"] = looked_up(columns["uid"], self._owners, owner_name)
        columns["group"] = looked_up(columns["gid"], self._groups, group_name)
        columns["extension"] = [
            None if kind == "d" else extension(name)
            for kind, name in zip(columns["type"], columns["name"], strict=True)
        ]
        return self._assembled(columns, len(entries))

    def _assembled(self, columns: dict[str, list[Any]], rows: int) -> pa.RecordBatch:
        arrays = {column: pa.array(values, SCHEMA.field(column).type) for column, values in columns.items()}
        arrays["size_du"] = pc.multiply(arrays["blocks"], BLOCK_BYTES)
        arrays["share"] = pa.repeat(self._share, rows)
        arrays["snapshot_date"] = pa.repeat(pa.scalar(self._day, pa.date32()), rows)
        arrays["btime"] = pa.nulls(rows, TIME)
        return pa.RecordBatch.from_arrays([arrays[column] for column in SCHEMA.names], schema=SCHEMA)


def letters(modes: Iterable[int | None]) -> list[str]:
    """Each file's type as `find -printf %y` has it; U where it is not known."""
    return [UNKNOWN if mode is None else LETTERS.get(stat.S_IFMT(mode), UNKNOWN) for mode in modes]


def times(nanoseconds: Iterable[int | None]) -> list[int | None]:
    """Microseconds since 1970, rounded down; None where no calendar of our readers has the year."""
    found = (None if value is None else value // 1000 for value in nanoseconds)
    return [value if value is not None and EARLIEST_US <= value <= LATEST_US else None for value in found]


def looked_up(
    numbers: Iterable[int | None], known: dict[int | None, str | None], name_of: Callable[[int], str | None]
) -> list[str | None]:
    """The name of each number; `known` grows by those that were new."""
    wanted = list(numbers)
    known.update({number: name_of(number) for number in set(wanted) if number is not None and number not in known})
    return list(map(known.__getitem__, wanted))


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
