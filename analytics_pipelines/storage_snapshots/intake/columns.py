"""What producers of snapshots call their columns, in what types they give them, and how each becomes ours.

Names are compared in small letters. Of several names for one column the first in `ALIASES` counts. A value that does
not fit (a text in place of a size, a time outside the years 1 to 9999) becomes null instead of costing the snapshot.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from analytics_pipelines.foundation.sql import Sql, joined, literal, name

ALIASES: Mapping[str, tuple[str, ...]] = {
    "path": ("path", "full_path", "fullpath", "filepath", "file_path", "pathname", "absolute_path"),
    "path_raw": ("path_raw", "raw_path", "path_bytes"),
    "type": ("type", "file_type", "filetype", "entry_type", "kind"),
    "size_bytes": ("size", "size_bytes", "apparent_size", "asize", "length", "file_size", "filesize", "st_size"),
    "allocated_bytes": ("size_du", "allocated_bytes", "allocated_size", "disk_usage", "size_on_disk", "dsize"),
    "blocks": ("blocks", "st_blocks"),
    "accessed_at": ("atime", "accessed_at", "accessed", "access_time", "accessed_time", "last_accessed", "st_atime"),
    "modified_at": (
        *("mtime", "modified_at", "modified", "modified_time", "modify_time", "modification_time", "last_modified"),
        "st_mtime",
    ),
    "changed_at": ("ctime", "changed_at", "changed", "changed_time", "change_time", "last_changed", "st_ctime"),
    "born_at": (
        *("btime", "born_at", "birth_time", "birthtime", "created", "created_at", "created_time", "creation_time"),
        *("crtime", "st_birthtime"),
    ),
    "mode": ("mode", "permissions", "st_mode"),
    "uid": ("uid", "user_id", "owner_id", "st_uid"),
    "gid": ("gid", "group_id", "st_gid"),
    "owner_name": ("owner", "owner_name", "user", "user_name", "username"),
    "group_name": ("group", "group_name", "groupname"),
    "device": ("dev", "device", "device_id", "dev_id", "st_dev"),
    "inode": ("ino", "inode", "inode_number", "st_ino"),
    "link_count": ("nlink", "link_count", "links", "nlinks", "hard_links", "st_nlink"),
    "link_target": ("linkname", "link_target", "symlink_target", "target"),
    "prefix_hash": ("prefix_hash", "head_hash"),
    "content_hash": ("content_hash", "full_hash", "file_hash", "hash", "checksum", "blake3", "sha256", "md5"),
    "error": ("error", "error_message"),
}
FLAGS: Mapping[str, tuple[str, ...]] = {
    "is_dir": ("is_dir", "is_directory", "isdir"),
    "is_link": ("is_symlink", "is_link", "islink"),
}
DERIVED = frozenset(
    {"share", "snapshot_date", "name", "filename", "file_name", "parent_path", "parent", "depth", "extension", "ext"}
)
"""Columns of producers that are not read, because path and place of the file say the same."""
TYPE_WORDS: Mapping[str, tuple[str, ...]] = {
    "f": ("f", "file", "regular", "regular file", "reg", "-", "8"),
    "d": ("d", "dir", "directory", "folder", "4"),
    "l": ("l", "link", "symlink", "symbolic link", "lnk", "10"),
    "b": ("b", "block", "block device", "6"),
    "c": ("c", "char", "character device", "char device", "2"),
    "p": ("p", "pipe", "fifo", "1"),
    "s": ("s", "sock", "socket", "12"),
}
"""Words and, as text, the numbers of `readdir`; anything else is U."""
NUMBERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
)
TIMES = ("accessed_at", "modified_at", "changed_at", "born_at")
INTEGERS = ("size_bytes", "allocated_bytes", "blocks", "uid", "gid", "link_count")
WIDE = ("device", "inode")
NUMBERED_NAMES = {"uid": ("owner", "user"), "gid": ("group",)}
"""Names that mean a number where the producer gives a number under them, and a name elsewhere."""
UNITS_PER_S = (1, 10**3, 10**6, 10**9)
MAGNITUDES = (10**11, 10**14, 10**17)
"""A number of at least so much is in ms, µs, ns since 1970; below the first in s. Each ends past the year 5000."""
MOST = 10**38
EARLIEST_US, LATEST_US = -62_135_596_800_000_000, 253_402_300_799_999_999


@dataclass(frozen=True, slots=True)
class Found:
    """The producer's columns, by the house name that they stand for: their own name and DuckDB's type."""

    by_name: Mapping[str, tuple[str, str]]
    unknown: tuple[str, ...]

    @property
    def absent(self) -> tuple[str, ...]:
        """House columns that the producer did not give; the type is not absent where a flag tells it."""
        told = set(self.by_name)
        told |= {"type"} if told & {*FLAGS, "mode"} else set()
        told |= {"allocated_bytes"} if "blocks" in told else set()
        return tuple(column for column in ALIASES if column not in told and column != "blocks")

    def numeric_times(self) -> list[str]:
        """House names of the times that are given as numbers or text."""
        return [each for each in TIMES if each in self.by_name and not _is_calendar(self.by_name[each][1])]


def found(columns: Iterable[tuple[str, str]]) -> Found:
    """Which of these columns (name, DuckDB's type) mean what."""
    given = {column.casefold(): (column, kind) for column, kind in columns}
    taken: dict[str, tuple[str, str]] = {}
    for house, aliases in {**ALIASES, **FLAGS}.items():
        for alias in (*aliases, *NUMBERED_NAMES.get(house, ())):
            if alias in given and _fits(house, alias, given[alias][1]):
                taken[house] = given[alias]
                break
    read = {column.casefold() for column, _ in taken.values()} | DERIVED
    return Found(taken, tuple(sorted(column for folded, (column, _) in given.items() if folded not in read)))


def _fits(house: str, alias: str, kind: str) -> bool:
    is_number = kind.partition("(")[0] in NUMBERS
    if house in NUMBERED_NAMES and alias in NUMBERED_NAMES[house]:
        return is_number
    return not (house in {"owner_name", "group_name"} and is_number)


def _is_calendar(kind: str) -> bool:
    return kind.startswith(("TIMESTAMP", "DATE"))


def magnitude_counts(columns: Found) -> Iterator[Sql]:
    """For each time that is a number, four aggregates: how many values look like s, ms, µs, ns since 1970."""
    for house in columns.numeric_times():
        value = Sql("abs(TRY_CAST({column} AS DOUBLE))").fill(column=name(columns.by_name[house][0]))
        for least, below in pairwise((0, *MAGNITUDES, MOST)):
            text = Sql("count(*) FILTER ({value} > 0 AND {value} >= {least} AND {value} < {below})")
            yield text.fill(value=value, least=Sql(str(least)), below=Sql(str(below)))


def units_per_s(columns: Found, counts: Iterable[int]) -> dict[str, int]:
    """Of what `magnitude_counts` found, the unit of each such column: that of most of its values, else seconds."""
    rest = list(counts)
    units: dict[str, int] = {}
    for house in columns.numeric_times():
        four, rest = rest[: len(UNITS_PER_S)], rest[len(UNITS_PER_S) :]
        units[house] = UNITS_PER_S[four.index(max(four))]
    return units


def renamed(columns: Found, units: Mapping[str, int]) -> Sql:
    """The house columns but the path, as expressions over the producer's; null for those that are absent."""
    return joined(
        Sql("{value} AS {name}").fill(value=_value(columns, house, units), name=name(house))
        for house in ALIASES
        if house != "path"
    )


def nothing() -> Sql:
    """The same columns of a row of which nothing is known."""
    null = Sql("CAST(NULL AS {type}) AS {name}")
    return joined(null.fill(type=_house_type(house), name=name(house)) for house in ALIASES if house != "path")


def _value(columns: Found, house: str, units: Mapping[str, int]) -> Sql:
    if house == "type":
        return _type(columns)
    if house not in columns.by_name:
        return _cast(Sql("NULL"), _house_type(house))
    own, kind = columns.by_name[house]
    column = name(own)
    if house in TIMES:
        value = time(column, kind, units.get(house, 1))
    elif house in WIDE:
        value = _signed(column, kind)
    elif house == "mode":
        value = Sql("{value} & 4095").fill(value=_cast(column, _house_type(house)))
    elif house.endswith("_hash") and kind == "BLOB":
        value = Sql("lower(hex({column}))").fill(column=column)
    else:
        value = _cast(column, _house_type(house))
    return value


def _house_type(house: str) -> Sql:
    kinds = dict.fromkeys((*INTEGERS, *WIDE), "BIGINT") | dict.fromkeys(TIMES, "TIMESTAMP WITH TIME ZONE")
    return Sql((kinds | {"mode": "INTEGER", "path_raw": "BLOB"}).get(house, "VARCHAR"))


def _cast(value: Sql, kind: Sql) -> Sql:
    return Sql("TRY_CAST({value} AS {kind})").fill(value=value, kind=kind)


def _signed(column: Sql, kind: str) -> Sql:
    """From 2^63 up as a negative number, so that numbers of 64 bits stay distinct."""
    if kind in {"UBIGINT", "HUGEINT", "UHUGEINT", "VARCHAR"} or kind.startswith("DECIMAL"):
        wide = _cast(column, Sql("HUGEINT"))
        folded = Sql("CASE WHEN {wide} >= 9223372036854775808 THEN {wide} - 18446744073709551616 ELSE {wide} END")
        return _cast(folded.fill(wide=wide), Sql("BIGINT"))
    return _cast(column, Sql("BIGINT"))


def _type(columns: Found) -> Sql:
    """The letter of `find -printf %y`; null where nothing tells, so that what lies below decides."""
    flags = {
        letter: Sql("WHEN TRY_CAST({flag} AS BOOLEAN) THEN {letter}").fill(
            flag=name(columns.by_name[flag][0]), letter=literal(letter)
        )
        for flag, letter in (("is_link", "l"), ("is_dir", "d"))
        if flag in columns.by_name
    }
    if "type" in columns.by_name:
        return _letter(Sql("lower(trim(CAST({column} AS VARCHAR)))").fill(column=name(columns.by_name["type"][0])))
    if flags:
        rest = Sql("WHEN {flag} IS NULL THEN NULL ELSE 'f'").fill(
            flag=name(columns.by_name["is_dir" if "is_dir" in columns.by_name else "is_link"][0])
        )
        return Sql("CASE {cases} {rest} END").fill(cases=joined(flags.values(), " "), rest=rest)
    if "mode" in columns.by_name:
        bits = Sql("CAST(({mode} >> 12) & 15 AS VARCHAR)").fill(
            mode=_cast(name(columns.by_name["mode"][0]), Sql("INTEGER"))
        )
        return Sql("nullif({letter}, 'U')").fill(letter=_letter(bits))
    return Sql("CAST(NULL AS VARCHAR)")


def _letter(word: Sql) -> Sql:
    case = Sql("WHEN {word} IN ({words}) THEN {letter}")
    cases = joined(
        (
            case.fill(word=word, words=joined(literal(each) for each in words), letter=literal(letter))
            for letter, words in TYPE_WORDS.items()
        ),
        " ",
    )
    return Sql("CASE WHEN {word} IS NULL THEN NULL {cases} ELSE 'U' END").fill(word=word, cases=cases)


def time(column: Sql, kind: str, per_s: int) -> Sql:
    """A point in time. Without a zone it is UTC; a number counts from 1970 in units of `per_s` a second."""
    if _is_calendar(kind):
        stamp = column if kind == "TIMESTAMP WITH TIME ZONE" else _cast(column, Sql("TIMESTAMP"))
        return _in_our_years(Sql("epoch_us({stamp})").fill(stamp=stamp))
    if kind == "VARCHAR":
        text = _in_our_years(Sql("epoch_us({stamp})").fill(stamp=_cast(column, Sql("TIMESTAMP WITH TIME ZONE"))))
        number = _from_number(_cast(column, Sql("DOUBLE")), per_s)
        return Sql("coalesce({number}, {text})").fill(number=number, text=text)
    if kind in {"FLOAT", "DOUBLE"} or kind.startswith("DECIMAL"):
        return _from_number(_cast(column, Sql("DOUBLE")), per_s)
    return _from_integer(column, per_s)


def _from_number(value: Sql, per_s: int) -> Sql:
    us = Sql("TRY_CAST(round({value} * {factor}) AS BIGINT)").fill(value=value, factor=Sql(repr(10**6 / per_s)))
    return _in_our_years(us)


def _from_integer(column: Sql, per_s: int) -> Sql:
    """Rounded down to microseconds, as our scanner does."""
    wide = _cast(column, Sql("HUGEINT"))
    if per_s <= UNITS_PER_S[2]:
        return _in_our_years(Sql("{wide} * {factor}").fill(wide=wide, factor=Sql(str(10**6 // per_s))))
    return _in_our_years(Sql("({wide} - (({wide} % 1000 + 1000) % 1000)) // 1000").fill(wide=wide))


def _in_our_years(us: Sql) -> Sql:
    """Microseconds since 1970 as a time; null outside the years 1 to 9999, which some reader of ours can not say."""
    text = Sql(
        "CASE WHEN {us} BETWEEN {earliest} AND {latest} THEN "
        "CAST(make_timestamp(CAST({us} AS BIGINT)) AS TIMESTAMP WITH TIME ZONE) END"
    )
    return text.fill(us=us, earliest=Sql(str(EARLIEST_US)), latest=Sql(str(LATEST_US)))
